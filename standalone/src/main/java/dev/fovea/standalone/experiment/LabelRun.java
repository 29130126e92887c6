package dev.fovea.standalone.experiment;

/**
 * What one fine-tuning came to.
 *
 * @param choice how the frames were chosen
 * @param asked labelled frames asked for
 * @param frames labelled frames that it learned from; mining may find fewer than asked
 * @param ap50 at night afterwards, 0 to 1
 * @param seconds of training, by wall clock
 */
record LabelRun(Choice choice, int asked, int frames, long seed, double ap50, double seconds) {
  /** How frames are chosen for labelling. */
  enum Choice {
    MINED,
    RANDOM
  }
}
