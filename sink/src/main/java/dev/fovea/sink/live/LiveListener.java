package dev.fovea.sink.live;

import dev.fovea.schema.avro.Count;
import java.util.List;

/** What the live path tells; called on its own thread, so an implementation must not wait. */
public interface LiveListener {
  /** A picture and its answer have met. */
  void paired(PairedFrame pair);

  /** Windows were counted anew. */
  void counted(List<Count> counts);

  /** A camera's state or cause has changed, or a camera was removed. */
  void cameraChanged(String cameraId);
}
