/**
 * Makes an 8-bit release of a release, for CPUs: activations are measured on pictures, and the
 * graph is written with QuantizeLinear and DequantizeLinear around its operators, which ONNX
 * Runtime fuses into integer kernels.
 */
@NullMarked
package dev.fovea.trainer.quantize;

import org.jspecify.annotations.NullMarked;
