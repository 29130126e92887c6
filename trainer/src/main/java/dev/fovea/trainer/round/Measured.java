package dev.fovea.trainer.round;

import dev.fovea.detector.model.ModelManifest;
import dev.fovea.trainer.evaluate.CocoEvaluator;

/**
 * A model on the hold-out.
 *
 * @param manifest whose it is
 * @param contender what the gate sees of it
 * @param evaluation its figures and curves
 */
record Measured(ModelManifest manifest, Contender contender, CocoEvaluator.Measured evaluation) {}
