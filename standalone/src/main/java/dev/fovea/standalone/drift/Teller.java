package dev.fovea.standalone.drift;

/** Whom the story is told to. One thread. */
public interface Teller {
  /** Something has happened; stays to be read. */
  void event(String line);

  /** How things stand; the next one may take its place. */
  void status(String line);
}
