/**
 * {@code fovea demo}: broker, cameras, detector and sink in one process, wired as they would be
 * apart, and a line on the terminal that says how it goes. The services know nothing of each other
 * here either; they meet on topics.
 */
@NullMarked
package dev.fovea.standalone.demo;

import org.jspecify.annotations.NullMarked;
