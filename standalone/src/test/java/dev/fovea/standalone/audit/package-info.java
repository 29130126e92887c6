/** Tests of the audit, on topics with faults made by hand. */
@NullMarked
package dev.fovea.standalone.audit;

import org.jspecify.annotations.NullMarked;
