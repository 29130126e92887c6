/**
 * JMH benchmarks of the paths a frame takes through the detector. From the project's root, after
 * {@code mvn -pl benchmarks -am -DskipTests package}:
 *
 * <pre>
 * mvn -q -pl benchmarks dependency:build-classpath -Dmdep.outputFile=/tmp/cp
 * java -cp benchmarks/target/classes:$(cat /tmp/cp) org.openjdk.jmh.Main -prof gc
 * </pre>
 *
 * <p>Figures are kept with their machine and date, and only compared on one machine.
 */
@NullMarked
package dev.fovea.benchmarks;

import org.jspecify.annotations.NullMarked;
