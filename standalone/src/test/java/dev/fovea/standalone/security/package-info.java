/** The services against a broker with TLS, SASL/SCRAM and ACLs. */
@NullMarked
package dev.fovea.standalone.security;

import org.jspecify.annotations.NullMarked;
