/**
 * {@code ./fovea bench}: how fast Fovea is, each time beside something named, in one run on one
 * machine. Figures that are kept say their machine and date (docs/benchmarks.md).
 */
@NullMarked
package dev.fovea.benchmarks;

import org.jspecify.annotations.NullMarked;
