package dev.fovea.detector.stream;

import org.jspecify.annotations.Nullable;

/**
 * The model that is live, and the ones before it that still have a batch under way. A batch leases
 * the model for its whole life, so a swap falls between two batches, each batch is all of one
 * model, and a model is closed when its last batch is.
 */
public final class LiveModel implements AutoCloseable {

  /** A model's tenure; counts its batches. Guarded by the LiveModel. */
  private static final class Tenure {
    private final BatchModel model;
    private int leases;
    private boolean over;

    Tenure(BatchModel model) {
      this.model = model;
    }
  }

  /** A batch's hold on its model. */
  final class Lease implements AutoCloseable {
    private final Tenure tenure;
    private boolean returned;

    private Lease(Tenure tenure) {
      this.tenure = tenure;
    }

    BatchModel model() {
      return tenure.model;
    }

    @Override
    public void close() {
      giveBack(this);
    }
  }

  private @Nullable Tenure current;

  public LiveModel(BatchModel model) {
    this.current = new Tenure(model);
  }

  /** Holds the model that is live now. Any thread. */
  synchronized Lease lease() {
    Tenure tenure = current;
    if (tenure == null) {
      throw new IllegalStateException("the model is closed");
    }
    tenure.leases++;
    return new Lease(tenure);
  }

  /** Whether this very release is live. */
  synchronized boolean serves(String name, String version) {
    Tenure tenure = current;
    return tenure != null
        && tenure.model.name().equals(name)
        && tenure.model.version().equals(version);
  }

  /** {@code next} serves from the next batch on; the one before is closed after its last. */
  public void swap(BatchModel next) {
    Tenure ended;
    synchronized (this) {
      ended = current;
      if (ended == null) {
        next.close();
        return;
      }
      current = new Tenure(next);
    }
    end(ended);
  }

  @Override
  public void close() {
    Tenure ended;
    synchronized (this) {
      ended = current;
      current = null;
    }
    if (ended != null) {
      end(ended);
    }
  }

  private void end(Tenure tenure) {
    boolean last;
    synchronized (this) {
      tenure.over = true;
      last = tenure.leases == 0;
    }
    if (last) {
      tenure.model.close();
    }
  }

  private void giveBack(Lease lease) {
    boolean last;
    synchronized (this) {
      if (lease.returned) {
        return;
      }
      lease.returned = true;
      lease.tenure.leases--;
      last = lease.tenure.over && lease.tenure.leases == 0;
    }
    if (last) {
      lease.tenure.model.close();
    }
  }
}
