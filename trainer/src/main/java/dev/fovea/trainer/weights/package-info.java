/**
 * Weights that other frameworks saved: PyTorch's {@code .pth} and safetensors. A file is whatever
 * somebody sent: nothing in it is executed, no length is believed, and a tensor's type and shape
 * are checked before its values are read.
 */
@NullMarked
package dev.fovea.trainer.weights;

import org.jspecify.annotations.NullMarked;
