/**
 * The paper's experiment on the synthetic street: RetinaNet trained with focal loss and with the
 * losses it was held against (Lin et al. 2017, table 1), several seeds each, resumable, and the
 * page {@code docs/focal-loss.md} made from the results.
 */
@NullMarked
package dev.fovea.standalone.experiment;

import org.jspecify.annotations.NullMarked;
