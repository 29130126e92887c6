package dev.fovea.standalone.dashboard;

import com.microsoft.playwright.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a page says on its console that it should not: errors, warnings, violations of the
 * Content-Security-Policy, uncaught exceptions.
 */
final class Complaints {

  private final List<String> heard = new ArrayList<>();

  static Complaints of(Page page) {
    Complaints complaints = new Complaints();
    page.onConsoleMessage(
        message -> {
          // The tests themselves read pixels back; the page never does.
          boolean ours = message.text().startsWith("Canvas2D: Multiple readback operations");
          if (!ours && (message.type().equals("error") || message.type().equals("warning"))) {
            complaints.heard.add(
                message.type() + ": " + message.text() + " (" + message.location() + ")");
          }
        });
    page.onPageError(error -> complaints.heard.add("uncaught: " + error));
    return complaints;
  }

  List<String> all() {
    return List.copyOf(heard);
  }

  /**
   * All but those that are meant to be there, such as Chromium's own line about a server that was
   * stopped on purpose.
   */
  List<String> except(Predicate<String> expected) {
    return heard.stream().filter(Predicate.not(expected)).toList();
  }
}
