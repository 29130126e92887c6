/**
 * Where releases are kept, and the topic that says which of them is live. A release is put whole or
 * not at all, and is never changed once it is there.
 */
@NullMarked
package dev.fovea.trainer.store;

import org.jspecify.annotations.NullMarked;
