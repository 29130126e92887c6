/**
 * Running a model's graph: {@link dev.fovea.detector.engine.InferenceEngine} with one adapter for
 * ONNX Runtime and one for TensorRT, both through DJL, and {@link
 * dev.fovea.detector.engine.LoadedModel}, a verified release ready to detect. No type of DJL, ONNX
 * Runtime or TensorRT leaves this package.
 */
@NullMarked
package dev.fovea.detector.engine;

import org.jspecify.annotations.NullMarked;
