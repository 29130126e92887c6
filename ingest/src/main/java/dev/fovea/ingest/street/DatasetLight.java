package dev.fovea.ingest.street;

/** At what hours the pictures of a {@link StreetDataset} are taken. */
public enum DatasetLight {
  /** Between 8 and 17 h. */
  DAY,
  /** Between 20.30 and 4.30 h. */
  NIGHT,
  /** Half of them by day, a fifth at dawn or dusk, the rest by night. */
  MIXED
}
