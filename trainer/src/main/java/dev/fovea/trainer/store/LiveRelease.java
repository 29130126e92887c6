package dev.fovea.trainer.store;

/**
 * The release that is live.
 *
 * @param uri where its folder is
 * @param manifestSha256 of its {@code manifest.json}
 */
public record LiveRelease(String version, String uri, String manifestSha256) {}
