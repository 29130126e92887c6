package dev.fovea.trainer.schedule;

import dev.fovea.trainer.labels.AnnotationReader;
import dev.fovea.trainer.labels.DeadLetterWriter;
import dev.fovea.trainer.labels.LabelArchive;
import dev.fovea.trainer.labels.LabelVersion;
import dev.fovea.trainer.round.RoundRunner;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the annotations topic on a thread of its own, so that labels are counted and bad ones
 * refused while a round trains. The archive belongs to one thread at a time: this monitor decides
 * which.
 */
public final class LabelFeed implements RoundRunner.DataVersions, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LabelFeed.class);

  private static final Duration EVERY = Duration.ofSeconds(2);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(10);
  private static final Duration END = Duration.ofSeconds(5);

  private final LabelArchive archive;
  private final AnnotationReader reader;
  private final DeadLetterWriter letters;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile @Nullable Throwable stoppedBy;
  private volatile boolean caughtUp;

  /**
   * @param archive closed with the feed
   * @param reader of that archive; closed with the feed
   * @param letters where the reader puts what it refuses; closed with the feed
   */
  public LabelFeed(LabelArchive archive, AnnotationReader reader, DeadLetterWriter letters) {
    this.letters = letters;
    this.archive = archive;
    this.reader = reader;
    this.thread = new Thread(this::follow, "trainer-labels");
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  private void follow() {
    try {
      while (!stopping) {
        Thread.sleep((drain() ? EVERY : AFTER_FAILURE).toMillis());
      }
    } catch (InterruptedException e) {
      // closed
    } catch (AuthenticationException | AuthorizationException | Error e) {
      stoppedBy = e;
      log.error("Annotations are followed no more: {}", e.toString());
    }
  }

  private boolean drain() throws InterruptedException {
    try {
      AnnotationReader.Drained drained;
      synchronized (this) {
        drained = reader.drain();
      }
      caughtUp = true;
      if (drained.changes() > 0 || drained.refused() > 0) {
        log.info(
            "{} annotations came, {} change the data set, {} were refused",
            drained.records(),
            drained.changes(),
            drained.refused());
      }
      return true;
    } catch (AuthenticationException | AuthorizationException e) {
      throw e;
    } catch (RuntimeException e) {
      if (stopping) {
        return false; // interrupted
      }
      log.warn("Annotations could not be taken in, going on: {}", e.toString());
      return false;
    }
  }

  /** Whether everything that was there at the start has been read. */
  boolean caughtUp() {
    return caughtUp;
  }

  /** Labels that came since a version of the data set. */
  synchronized long newSince(String version) {
    return archive.newSince(version);
  }

  /** A version of all labels that have been read; empty where none ever came. */
  synchronized Optional<LabelVersion> cut() {
    return reader.cut();
  }

  @Override
  public synchronized LabelVersion version(String id) throws IOException {
    return archive
        .version(id)
        .orElseThrow(() -> new IOException("the data set has no version " + id + " any more"));
  }

  @Override
  public synchronized Optional<LabelVersion> latest() {
    return archive.latest();
  }

  /** What ended it, if anything did. */
  public Optional<Throwable> stoppedBy() {
    return Optional.ofNullable(stoppedBy);
  }

  @Override
  public void close() {
    stopping = true;
    thread.interrupt();
    try {
      thread.join(END.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!thread.isAlive()) {
      reader.close();
      letters.close();
    }
    archive.close();
  }
}
