package dev.fovea.trainer.labels;

/** Which part of the data set a picture is in, from its first annotation on. */
enum Side {
  TRAIN,
  /** The hold-out. */
  VAL,
  /** In neither, since it resembles pictures of both. */
  WITHHELD
}
