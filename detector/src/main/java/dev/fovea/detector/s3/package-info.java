/**
 * Releases in S3-compatible object storage: a bucket's objects read and written, and a release
 * fetched into a folder of this machine. AWS's types stay in here. In the detector's module because
 * detectors fetch what trainers put, and the trainer may know the detector (docs/adr/0009).
 */
@NullMarked
package dev.fovea.detector.s3;

import org.jspecify.annotations.NullMarked;
