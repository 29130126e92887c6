/**
 * What the network is held against: anchors matched to boxes, sigmoid focal loss on the classes,
 * and smooth L1, L1 or generalized IoU loss on the boxes (Lin et al. 2017, Focal Loss for Dense
 * Object Detection).
 */
@NullMarked
package dev.fovea.trainer.loss;

import org.jspecify.annotations.NullMarked;
