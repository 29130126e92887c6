/**
 * Where pictures come from: video files, RTSP and HTTP MJPEG cameras, V4L2 devices, folders of
 * images, the synthetic street. All of libav's reading and decoding is in here, driven directly; a
 * {@link dev.fovea.ingest.source.FrameSource} is used by one thread and says by exception why it
 * ended when it did not end well. Nothing in here knows Kafka.
 */
@NullMarked
package dev.fovea.ingest.source;

import org.jspecify.annotations.NullMarked;
