package dev.fovea.trainer.export;

import dev.fovea.detector.model.ModelManifest;
import java.nio.file.Path;

/**
 * A release that was written and checked.
 *
 * @param largestDifference of any raw output between the training graph and the ONNX graph, on real
 *     pictures
 * @param modelBytes size of {@code model.onnx}
 * @param millisPerPicture ONNX Runtime, one thread, median
 */
public record ReleaseSummary(
    Path folder,
    ModelManifest manifest,
    double largestDifference,
    long modelBytes,
    double millisPerPicture) {}
