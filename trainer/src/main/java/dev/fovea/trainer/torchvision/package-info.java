/**
 * Models that torchvision trained: its RetinaNets as releases that detectors serve, and its (and
 * timm's) residual networks as what a training starts from. docs/torchvision.md says what is equal
 * and how that was shown.
 */
@NullMarked
package dev.fovea.trainer.torchvision;

import org.jspecify.annotations.NullMarked;
