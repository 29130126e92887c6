/**
 * The dashboard in a real browser: its pure modules, the page against a server made of script, and
 * the page against the whole system. What a browser is needed for is here and not in {@code sink},
 * because the system can be put together only in this module.
 */
@NullMarked
package dev.fovea.standalone.dashboard;

import org.jspecify.annotations.NullMarked;
