/**
 * RetinaNet as one small graph: residual network, feature pyramid, class and box subnet. The same
 * graph is evaluated by DJL in training and written as ONNX by {@code export}, so the two can't
 * drift apart.
 */
@NullMarked
package dev.fovea.trainer.model;

import org.jspecify.annotations.NullMarked;
