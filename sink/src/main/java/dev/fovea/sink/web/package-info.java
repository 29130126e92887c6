/**
 * What browsers and programs see: the REST API with its OpenAPI document, live updates over
 * WebSocket, health and metrics, and the dashboard's files. Everything is served from this process;
 * the content security policy allows nothing else.
 */
@NullMarked
package dev.fovea.sink.web;

import org.jspecify.annotations.NullMarked;
