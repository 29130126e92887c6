/** Tests of the experiments' files and pages. */
@NullMarked
package dev.fovea.standalone.experiment;

import org.jspecify.annotations.NullMarked;
