package dev.fovea.trainer.labels;

import dev.fovea.trainer.labels.PictureEntry.Box;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of every picture that was ever annotated, and the rules by which an annotation
 * changes it:
 *
 * <ul>
 *   <li>a picture is its bytes' sum; a later annotation of it replaces the earlier;
 *   <li>of two different pictures of one camera and capture time (recompressed, say) the later
 *       counts;
 *   <li>where two cameras annotate the same bytes, their order is not known from the topic: the one
 *       marked later counts;
 *   <li>classes are added at the end of the list and never leave it.
 * </ul>
 *
 * One thread.
 */
final class LabelLedger {
  /** A camera's moment: what a frame is, whatever its bytes. */
  private record Moment(String camera, long captureTimeMicros) {}

  private final LabelSettings settings;
  private final Split split;
  private final Map<String, PictureEntry> bySum = new LinkedHashMap<>();
  private final Map<Moment, String> sumByMoment = new HashMap<>();
  private final Set<String> classes = new LinkedHashSet<>();
  private long annotations;

  /**
   * @param known classes of the last version, in label order
   * @param pictures of the last version, in the order of their ids
   * @param annotations that the last version counted
   */
  LabelLedger(
      LabelSettings settings,
      Collection<String> known,
      Collection<PictureEntry> pictures,
      long annotations) {
    this.settings = settings;
    this.split = new Split(settings.validationFraction());
    this.annotations = annotations;
    classes.addAll(known);
    classes.addAll(settings.classes());
    for (PictureEntry picture : pictures) {
      split.remember(picture);
      put(picture);
    }
  }

  /** Names in label order. */
  List<String> classes() {
    return List.copyOf(classes);
  }

  /** Every picture that was ever annotated, in the order of their ids. */
  Collection<PictureEntry> pictures() {
    return Collections.unmodifiableCollection(bySum.values());
  }

  /** Annotations that changed something, since the beginning. */
  long annotations() {
    return annotations;
  }

  /**
   * Takes in an annotation.
   *
   * @return whether it changes anything
   * @throws BadAnnotationException if it has more new classes than there is room for; nothing is
   *     changed then
   */
  boolean apply(LabelledFrame frame) throws BadAnnotationException {
    boolean changed = frame.withdraws() ? withdraw(frame) : label(frame);
    if (changed) {
      annotations++;
    }
    return changed;
  }

  private boolean withdraw(LabelledFrame frame) {
    PictureEntry known = bySum.get(frame.sha256());
    if (known == null) {
      known = ofMoment(frame);
    }
    if (known == null || known.withdrawn() || isOlderThan(known, frame)) {
      return false;
    }
    put(known.withdraw(frame.annotatedAtMicros()));
    return true;
  }

  private boolean label(LabelledFrame frame) throws BadAnnotationException {
    PictureEntry known = bySum.get(frame.sha256());
    if (known != null && (isOlderThan(known, frame) || saysTheSame(known, frame))) {
      return false;
    }
    addClasses(frame);
    PictureEntry sameMoment = ofMoment(frame);
    if (sameMoment != null && !sameMoment.sha256().equals(frame.sha256())) {
      put(sameMoment.withdraw(frame.annotatedAtMicros()));
    }
    put(known == null ? entry(frame) : known.relabel(frame));
    return true;
  }

  private PictureEntry entry(LabelledFrame frame) {
    Split.Place place = split.place(frame);
    CheckedPicture picture = frame.picture();
    return new PictureEntry(
        bySum.size() + 1L,
        frame.sha256(),
        picture.file(),
        frame.camera(),
        frame.captureTimeMicros(),
        picture.widthPx(),
        picture.heightPx(),
        place.group(),
        place.side(),
        DifferenceHash.text(picture.look()),
        frame.boxes(),
        frame.classes(),
        false,
        frame.author(),
        frame.source(),
        frame.annotatedAtMicros());
  }

  /** A camera's records are in order; only between cameras do the times have to tell. */
  private static boolean isOlderThan(PictureEntry known, LabelledFrame frame) {
    return !known.camera().equals(frame.camera())
        && frame.annotatedAtMicros() < known.annotatedAtMicros();
  }

  private static boolean saysTheSame(PictureEntry known, LabelledFrame frame) {
    return !known.withdrawn()
        && known.boxes().equals(frame.boxes())
        && known.classes().equals(frame.classes())
        && known.camera().equals(frame.camera())
        && java.util.Objects.equals(known.captureTimeMicros(), frame.captureTimeMicros());
  }

  private void addClasses(LabelledFrame frame) throws BadAnnotationException {
    Set<String> grown = new LinkedHashSet<>(classes);
    grown.addAll(frame.classes());
    frame.boxes().stream().map(Box::label).forEach(grown::add);
    if (grown.size() > classes.size() && grown.size() > settings.maxClasses()) {
      List<String> added = new ArrayList<>(grown).subList(classes.size(), grown.size());
      throw new BadAnnotationException(
          "camera %s, picture %s: the data set would have %d classes, more than the %d allowed (labels.max-classes); new are %d, the first \"%s\""
              .formatted(
                  frame.camera(),
                  frame.sha256(),
                  grown.size(),
                  settings.maxClasses(),
                  added.size(),
                  added.get(0)));
    }
    classes.addAll(grown);
  }

  private @Nullable PictureEntry ofMoment(LabelledFrame frame) {
    Long time = frame.captureTimeMicros();
    if (time == null) {
      return null;
    }
    String sum = sumByMoment.get(new Moment(frame.camera(), time));
    return sum == null ? null : bySum.get(sum);
  }

  private void put(PictureEntry picture) {
    PictureEntry before = bySum.put(picture.sha256(), picture);
    if (before != null && before.captureTimeMicros() != null) {
      sumByMoment.remove(new Moment(before.camera(), before.captureTimeMicros()), before.sha256());
    }
    if (picture.captureTimeMicros() != null && !picture.withdrawn()) {
      sumByMoment.put(new Moment(picture.camera(), picture.captureTimeMicros()), picture.sha256());
    }
  }
}
