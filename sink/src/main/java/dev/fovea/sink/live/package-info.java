/**
 * The live path: a consumer without a group reads frames, detections and camera states from every
 * partition, pairs each picture with its own boxes in bounded memory, and hands the pair to whoever
 * watches. It keeps nothing: a restart begins at the end of the topics.
 */
@NullMarked
package dev.fovea.sink.live;

import org.jspecify.annotations.NullMarked;
