package dev.fovea.trainer.store;

import java.time.Instant;

/**
 * A release in the store.
 *
 * @param name the model's
 * @param uri where its folder is, as {@code ModelRelease.uri} has it
 */
public record StoredRelease(String name, String version, String uri, Instant keptAt) {}
