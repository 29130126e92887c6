/**
 * From a checkpoint to a release folder: ONNX with BatchNorm folded, checked against the training
 * graph, and its manifest.
 */
@NullMarked
package dev.fovea.trainer.export;

import org.jspecify.annotations.NullMarked;
