/** JMH benchmarks of single steps of the frame path; {@code ./fovea bench micro} runs them. */
@NullMarked
package dev.fovea.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
