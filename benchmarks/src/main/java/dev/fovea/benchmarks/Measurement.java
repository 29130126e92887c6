package dev.fovea.benchmarks;

/**
 * What one run came to.
 *
 * @param framesPerSecond frames by wall clock
 * @param heapBytesPerFrame Java heap that the threads under test allocated a frame
 */
record Measurement(double framesPerSecond, double heapBytesPerFrame) {
  static Measurement of(long frames, long nanos, long heapBytes) {
    return new Measurement(frames * 1e9 / nanos, (double) heapBytes / frames);
  }
}
