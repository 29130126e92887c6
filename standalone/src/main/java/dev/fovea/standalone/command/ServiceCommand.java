package dev.fovea.standalone.command;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.fovea.schema.StrictConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Runs one service until a signal or an error stops it. */
abstract class ServiceCommand implements Callable<Integer> {
  private final Service service;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings on top of the reference (`fovea config SERVICE` prints it).")
  private @Nullable Path config;

  @Option(
      names = "--health-port",
      paramLabel = "PORT",
      defaultValue = "${env:FOVEA_HEALTH_PORT:-0}",
      description = {
        "Answer GET /healthz on this port: 200 while the service works, else 503 and why;",
        "a trainer also GET /metrics, for Prometheus. To this machine only, unless --health-host says otherwise.",
        "0 = don't (the default; or $FOVEA_HEALTH_PORT)."
      })
  private int healthPort;

  @Option(
      names = "--health-host",
      paramLabel = "HOST",
      defaultValue = "${env:FOVEA_HEALTH_HOST:-127.0.0.1}",
      description = {
        "Address that --health-port listens on; 0.0.0.0 = all of this machine's, for whoever reaches them.",
        "127.0.0.1 is the default (or $FOVEA_HEALTH_HOST)."
      })
  private String healthHost;

  ServiceCommand(Service service) {
    this.service = service;
  }

  @Override
  public Integer call() throws Exception {
    Config user = config == null ? ConfigFactory.empty() : StrictConfig.parse(config);
    StopSignal stop = StopSignal.install();
    Service.Running running = service.start(user);
    CompletableFuture<Void> ended = CompletableFuture.runAsync(() -> waitFor(running, stop));
    try {
      awaitStop(running, stop);
    } finally {
      running.service().close();
    }
    try {
      ended.join();
    } catch (CompletionException e) {
      throw new IllegalStateException(
          OneSentenceErrors.sentence(e.getCause() == null ? e : e.getCause()), e);
    }
    return 0;
  }

  private void awaitStop(Service.Running running, StopSignal stop) throws InterruptedException {
    HealthEndpoint health =
        HealthEndpoint.start(healthHost, healthPort, running.trouble(), running.metrics());
    try {
      stop.await();
    } finally {
      health.close();
    }
  }

  private static void waitFor(Service.Running running, StopSignal stop) {
    try {
      running.ended().awaitTermination();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      stop.request();
    }
  }
}
