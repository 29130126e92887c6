package dev.fovea.trainer.round;

import dev.fovea.trainer.TrainSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How rounds are done.
 *
 * @param modelName what releases are called
 * @param startModel folder of the release that counts as live while none is announced
 * @param recipe settings of training; empty: those that the live model was trained with, or else
 *     the reference's
 * @param steps of a round that starts from the live model's weights
 * @param learningRate of such a round
 * @param checkpointEvery steps
 * @param seed the first round's; each later one has the next
 * @param threads of training and measuring
 * @param quantizePictures pictures that an 8-bit release is made with; 0: releases stay floats
 * @param mistakes pictures in the report
 * @param keep rounds that keep their training files
 */
public record RoundSettings(
    String modelName,
    Optional<Path> startModel,
    Optional<TrainSettings> recipe,
    int steps,
    double learningRate,
    int checkpointEvery,
    long seed,
    int threads,
    int quantizePictures,
    int mistakes,
    int keep,
    GateSettings gate) {}
