/** Tests of downloads, against a server on this machine. */
@NullMarked
package dev.fovea.standalone.download;

import org.jspecify.annotations.NullMarked;
