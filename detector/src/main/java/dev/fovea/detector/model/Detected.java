package dev.fovea.detector.model;

/**
 * One object found; the box is half-open, in pixels of the frame as recorded.
 *
 * @param classIndex index into the manifest's classes
 * @param label class name
 * @param score confidence, 0 to 1
 */
public record Detected(
    int classIndex, String label, float score, float x1, float y1, float x2, float y2) {}
