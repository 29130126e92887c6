package dev.fovea.standalone.dashboard;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** The machine's own Chromium, driven by Playwright. One thread opens, uses and closes it. */
final class Chromium implements AutoCloseable {

  private static final List<Path> PLACES =
      List.of(
          Path.of("/usr/bin/chromium"),
          Path.of("/usr/bin/chromium-browser"),
          Path.of("/usr/bin/google-chrome"),
          Path.of("/usr/bin/google-chrome-stable"));

  /**
   * For machines that are busy with other things; what must be quick is measured where it is
   * claimed.
   */
  private static final double PATIENCE_MS = 20_000;

  private final Playwright playwright;
  private final Browser browser;

  private Chromium(Playwright playwright, Browser browser) {
    this.playwright = playwright;
    this.browser = browser;
  }

  /** Starts it; where there is none the test is skipped, and says so. */
  static Chromium open() {
    Optional<Path> executable = PLACES.stream().filter(Files::isExecutable).findFirst();
    Assumptions.assumeTrue(
        executable.isPresent(),
        "Chromium is not installed (looked for "
            + PLACES
            + "): install Debian's package chromium to run the browser tests");
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MS);
    Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    Browser browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(executable.orElseThrow())
                    // In a container there is neither a user namespace for the sandbox nor a GPU,
                    // and /dev/shm is small.
                    .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")));
    return new Chromium(playwright, browser);
  }

  BrowserContext context(Browser.NewContextOptions options) {
    return browser.newContext(options);
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
