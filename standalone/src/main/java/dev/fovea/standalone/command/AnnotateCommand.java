package dev.fovea.standalone.command;

import dev.fovea.schema.CameraId;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.trainer.labelfiles.FileLabels;
import dev.fovea.trainer.labelfiles.LabelFormat;
import dev.fovea.trainer.labels.AnnotationReader;
import dev.fovea.trainer.labels.AnnotationWriter;
import dev.fovea.trainer.labels.FileAnnotations;
import dev.fovea.trainer.labels.LabelArchive;
import dev.fovea.trainer.labels.LabelExport;
import dev.fovea.trainer.labels.LabelSettings;
import dev.fovea.trainer.labels.LabelVersion;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Labels from files to Kafka, and back. */
@Command(
    name = "annotate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Bring labels into the annotations topic, or out of it.",
    subcommands = {AnnotateCommand.Import.class, AnnotateCommand.Export.class},
    footer = {
      "",
      "  fovea annotate import --format coco --data train.json --images images/ --camera yard",
      "  fovea annotate import --format yolo --data labels/ --images images/ --classes data.yaml"
          + " --camera yard",
      "  fovea annotate export --out labels/"
    })
public final class AnnotateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "name what to do: import or export");
  }

  /** Label files to the topic. */
  @Command(
      name = "import",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "Send labelled pictures to the annotations topic. All files are checked before anything is"
            + " sent; what the topic has already is not sent again, so an import that was stopped"
            + " is just repeated."
      })
  static final class Import implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        required = true,
        description = "coco, voc or yolo.")
    private LabelFormat format;

    @Option(
        names = "--data",
        paramLabel = "PATH",
        required = true,
        description = "The labels: a COCO file, or the folder of VOC's or YOLO's files.")
    private Path data;

    @Option(
        names = "--images",
        paramLabel = "DIR",
        required = true,
        description = "Folder of the pictures, JPEG or PNG.")
    private Path images;

    @Option(
        names = "--camera",
        paramLabel = "NAME",
        required = true,
        description = "Camera that the pictures are from, or a name for the collection.")
    private String camera;

    @Option(
        names = "--classes",
        paramLabel = "FILE",
        description =
            "Names of the classes, a line each, or a data.yaml (YOLO; default: the one in --data)."
                + " For VOC, the classes that were looked for (default: all that are named).")
    private @Nullable Path classes;

    @Option(
        names = "--author",
        paramLabel = "NAME",
        description = "Whose labels they are (default: this user).")
    private String author = System.getProperty("user.name", "unknown");

    @Mixin private KafkaOptions kafka = new KafkaOptions();

    @Override
    public Integer call() throws Exception {
      CameraId id = cameraId();
      List<FileLabels> pictures = format.read(data, images, Optional.ofNullable(classes));
      long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
      try (FileAnnotations annotations = new FileAnnotations(id, author, now)) {
        List<FileLabels> different = checked(pictures, annotations);
        KafkaSettings settings = kafka.settings();
        ensureTopics(settings);
        send(settings, id, different, annotations);
      }
      return 0;
    }

    private CameraId cameraId() {
      try {
        return new CameraId(camera);
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), "--camera: " + e.getMessage(), e);
      }
    }

    /**
     * Every picture is decoded before the first is sent. Of one that is there twice the last labels
     * count: sent in turn, they would replace each other at every import.
     */
    private List<FileLabels> checked(List<FileLabels> pictures, FileAnnotations annotations)
        throws Exception {
      Map<String, FileLabels> bySum = new LinkedHashMap<>();
      try (ProgressBar progress = progress("check", pictures.size())) {
        for (FileLabels picture : pictures) {
          bySum.put(annotations.of(picture).getPictureSha256(), picture);
          progress.step();
        }
      }
      int twice = pictures.size() - bySum.size();
      if (twice > 0) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(twice + " pictures are the same as others; the labels read last count");
        err.flush();
      }
      return List.copyOf(bySum.values());
    }

    private void send(
        KafkaSettings settings, CameraId id, List<FileLabels> pictures, FileAnnotations annotations)
        throws Exception {
      int sent = 0;
      int boxes = 0;
      try (AnnotationWriter writer = new AnnotationWriter(settings, id);
          ProgressBar progress = progress("send", pictures.size())) {
        for (FileLabels picture : pictures) {
          if (writer.write(annotations.of(picture))) {
            sent++;
            boxes += picture.boxes().size();
          }
          progress.step();
        }
        writer.commit();
      }
      PrintWriter out = spec.commandLine().getOut();
      out.printf(
          Locale.ROOT,
          "%s: %d pictures with %d boxes sent to %s, %d were there already%n",
          data,
          sent,
          boxes,
          new Topics(settings).annotations().name(),
          pictures.size() - sent);
      out.flush();
    }
  }

  /** The topic, or a trainer's archive, to COCO. */
  @Command(
      name = "export",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "Write all labels as COCO: annotations.json with every picture, train.json and val.json as"
            + " the trainer splits them, and images/."
      })
  static final class Export implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
        names = "--out",
        paramLabel = "DIR",
        required = true,
        description = "Folder to write; must be empty or not there.")
    private Path out;

    @Option(
        names = "--archive",
        paramLabel = "DIR",
        description =
            "Export the last version of a trainer's archive (default: read the annotations topic).")
    private @Nullable Path archive;

    @Mixin private KafkaOptions kafka = new KafkaOptions();

    @Override
    public Integer call() throws Exception {
      LabelExport.requireEmpty(out);
      if (archive != null) {
        write(LabelArchive.latest(archive), "the archive " + archive);
      } else {
        exportTopic();
      }
      return 0;
    }

    /** Through an archive of its own, so that what counts is what would count for the trainer. */
    private void exportTopic() throws Exception {
      KafkaSettings settings = kafka.settings();
      ensureTopics(settings);
      Path scratch = Files.createTempDirectory("fovea-export");
      LabelSettings rules = LabelSettings.defaults();
      try (LabelArchive read = LabelArchive.open(scratch, rules);
          AnnotationReader reader =
              new AnnotationReader(
                  settings, read, rules, (record, why) -> leftOut(why.getMessage()))) {
        reader.drain();
        write(reader.cut(), "the topic " + new Topics(settings).annotations().name());
      } finally {
        delete(scratch);
      }
    }

    private void leftOut(@Nullable String why) {
      spec.commandLine().getErr().println("left out: " + why);
    }

    private void write(Optional<LabelVersion> version, String from) {
      if (version.isEmpty()) {
        throw new IllegalStateException(from + " has no labels");
      }
      int pictures = LabelExport.write(version.get(), out);
      PrintWriter said = spec.commandLine().getOut();
      said.printf(
          Locale.ROOT, "%d pictures of %s with their boxes are in %s%n", pictures, from, out);
      said.flush();
    }

    private static void delete(Path folder) throws IOException {
      List<Path> inside;
      try (Stream<Path> files = Files.walk(folder)) {
        inside = files.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : inside) {
        Files.delete(file);
      }
    }
  }

  private static void ensureTopics(KafkaSettings settings) throws InterruptedException {
    List<Topic<?, ?>> topics = List.of(new Topics(settings).annotations());
    try (Admin admin = Admin.create(settings.adminProperties("annotate", Map.of()))) {
      new TopicCreator(admin, settings).ensure(topics);
    }
  }

  private static ProgressBar progress(String task, int pictures) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(pictures)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(Terminal.isInteractive() ? 200 : 10_000)
        .build();
  }
}
