/**
 * A RetinaNet model around its graph: the release folder and its manifest, JPEG to model input, and
 * the graph's raw outputs to detections. Serving, the offline command and the trainer's evaluation
 * all go through these classes, so that a model is measured by the code that serves it.
 */
@NullMarked
package dev.fovea.detector.model;

import org.jspecify.annotations.NullMarked;
