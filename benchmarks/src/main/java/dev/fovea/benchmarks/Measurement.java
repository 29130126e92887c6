package dev.fovea.benchmarks;

/**
 * What one run came to.
 *
 * @param framesPerSecond frames by wall clock
 * @param heapBytesPerFrame Java heap that the threads under test allocated a frame
 */
record Measurement(double framesPerSecond, double heapBytesPerFrame) {
  private static Measurement of(long frames, long nanos, long heapBytes) {
    return new Measurement(frames * 1e9 / nanos, (double) heapBytes / frames);
  }

  /** Work of the calling thread. */
  interface Work {
    /** Does it and says how many frames it was. */
    long frames() throws Exception;
  }

  /** Times work, and counts what the calling thread allocates for it. */
  static Measurement of(Work work) throws Exception {
    long allocated = Allocation.ofThisThread();
    long started = System.nanoTime();
    long frames = work.frames();
    return of(frames, System.nanoTime() - started, Allocation.ofThisThread() - allocated);
  }

  /**
   * Times a service by the records that a consumer sees of it, from the first to the last.
   *
   * @param threads how the names of its own threads begin, without the Kafka clients'
   */
  static Measurement of(AnswerClock clock, long records, String threads) {
    long started = clock.await(1);
    long before = clock.seen();
    Allocation.Watch heap = new Allocation.Watch(threads);
    long allocated = heap.total();
    long ended = clock.await(records, heap::look);
    return of(clock.seen() - before, ended - started, heap.total() - allocated);
  }
}
