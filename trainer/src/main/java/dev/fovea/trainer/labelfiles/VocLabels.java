package dev.fovea.trainer.labelfiles;

import dev.fovea.schema.avro.LabelledBox;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Pascal VOC: an XML file a picture. Pixels count from 1 and the last one belongs to the box (VOC
 * 2012 development kit, section 4.2), so {@code xmin..xmax} is {@code xmin - 1} to {@code xmax}
 * here. Files with a document type are refused; nothing outside a file is ever read.
 */
final class VocLabels {
  private static final String ENDING = ".xml";
  private static final long MAX_BYTES = 4 << 20;
  private static final int MAX_DEPTH = 16;
  private static final XMLInputFactory XML = safeFactory();

  private final Path file;
  private final XMLStreamReader xml;
  private final List<LabelledBox> boxes = new ArrayList<>();
  private String pictureName = "";
  private int pictureLine = 1;

  private VocLabels(Path file, XMLStreamReader xml) {
    this.file = file;
    this.xml = xml;
  }

  /**
   * Reads a data set.
   *
   * @param classes the classes that were looked for; where absent, all that are named in any file
   */
  static List<FileLabels> read(Path folder, Path images, Optional<List<String>> classes) {
    List<FileLabels> read = new ArrayList<>();
    for (Path file : Pictures.below(folder)) {
      if (file.toString().endsWith(ENDING)) {
        read.add(readFile(file, images, classes));
      }
    }
    if (read.isEmpty()) {
      throw new LabelFileException(folder, "has no file that ends in " + ENDING);
    }
    if (classes.isPresent()) {
      return read;
    }
    TreeSet<String> named = new TreeSet<>();
    read.forEach(picture -> picture.boxes().forEach(box -> named.add(box.getLabel())));
    List<String> all = List.copyOf(named);
    return read.stream().map(picture -> withClasses(picture, all)).toList();
  }

  private static FileLabels withClasses(FileLabels picture, List<String> classes) {
    return new FileLabels(
        picture.picture(),
        picture.widthPx(),
        picture.heightPx(),
        picture.boxes(),
        classes,
        picture.origin());
  }

  private static FileLabels readFile(Path file, Path images, Optional<List<String>> classes) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new LabelFileException(file, "is larger than " + MAX_BYTES + " bytes");
      }
      try (InputStream in = Files.newInputStream(file)) {
        XMLStreamReader xml = XML.createXMLStreamReader(in);
        try {
          VocLabels labels = new VocLabels(file, xml);
          labels.document(classes);
          return labels.result(images, classes.orElse(List.of()));
        } finally {
          xml.close();
        }
      }
    } catch (XMLStreamException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNumber();
      throw new LabelFileException(file, line, "is not XML: " + firstLine(e));
    } catch (IOException e) {
      throw new LabelFileException(file, "cannot be read: " + e, e);
    }
  }

  private FileLabels result(Path images, List<String> classes) {
    Path picture = Pictures.inside(images, pictureName, file, pictureLine);
    PictureSize size = PictureSize.of(picture);
    return new FileLabels(
        picture, size.widthPx(), size.heightPx(), boxes, classes, file.toString());
  }

  /** Reads {@code annotation/filename} and every {@code annotation/object}. */
  private void document(Optional<List<String>> classes) throws XMLStreamException {
    int depth = 0;
    while (xml.hasNext()) {
      int event = xml.next();
      if (event == XMLStreamConstants.DTD) {
        throw new LabelFileException(file, line(), "must have no document type (DOCTYPE)");
      }
      if (event == XMLStreamConstants.END_ELEMENT) {
        depth--;
      } else if (event == XMLStreamConstants.START_ELEMENT) {
        depth = descend(depth);
        if (depth == 1 && !xml.getLocalName().equals("annotation")) {
          throw new LabelFileException(file, line(), "must be an <annotation>");
        } else if (depth == 2 && xml.getLocalName().equals("filename")) {
          pictureLine = line();
          pictureName = xml.getElementText().strip();
          depth--;
        } else if (depth == 2 && xml.getLocalName().equals("object")) {
          object(classes);
          depth--;
        }
      }
    }
  }

  /** Reads up to the end of {@code object}. */
  private void object(Optional<List<String>> classes) throws XMLStreamException {
    int start = line();
    String name = "";
    double[] edges = {Double.NaN, Double.NaN, Double.NaN, Double.NaN};
    int depth = 1;
    boolean inBox = false;
    while (depth > 0) {
      int event = xml.next();
      if (event == XMLStreamConstants.END_ELEMENT) {
        depth--;
        inBox &= depth > 1;
      } else if (event == XMLStreamConstants.START_ELEMENT) {
        depth = descend(depth);
        String element = xml.getLocalName();
        int edge = List.of("xmin", "ymin", "xmax", "ymax").indexOf(element);
        if (depth == 2 && element.equals("name")) {
          name = xml.getElementText().strip();
          depth--;
        } else if (depth == 2 && element.equals("bndbox")) {
          inBox = true;
        } else if (depth == 3 && inBox && edge >= 0) {
          edges[edge] = number(xml.getElementText());
          depth--;
        }
      }
    }
    boxes.add(box(name, edges, start, classes));
  }

  private LabelledBox box(String name, double[] edges, int line, Optional<List<String>> classes) {
    if (name.isEmpty()) {
      throw new LabelFileException(file, line, "the object must have a <name>");
    }
    if (classes.isPresent() && !classes.get().contains(name)) {
      throw new LabelFileException(
          file, line, "unknown class \"" + name + "\"; the list has " + classes.get());
    }
    // Every comparison with NaN, an edge that is missing, is false.
    if (!(edges[0] <= edges[2] && edges[1] <= edges[3])) {
      throw new LabelFileException(
          file, line, "the object's <bndbox> must have xmin <= xmax and ymin <= ymax");
    }
    return new LabelledBox(
        name,
        (float) Math.max(0, edges[0] - 1),
        (float) Math.max(0, edges[1] - 1),
        (float) edges[2],
        (float) edges[3]);
  }

  private double number(String text) {
    try {
      double value = Double.parseDouble(text.strip());
      if (value >= 0 && Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new LabelFileException(
        file, line(), "\"" + text.strip() + "\" must be a number of pixels, 0 or more");
  }

  private int descend(int depth) {
    if (depth == MAX_DEPTH) {
      throw new LabelFileException(file, line(), "has more than " + MAX_DEPTH + " levels");
    }
    return depth + 1;
  }

  private int line() {
    return xml.getLocation().getLineNumber();
  }

  private static String firstLine(XMLStreamException e) {
    String message = String.valueOf(e.getMessage());
    int text = message.indexOf("Message: ");
    return text < 0 ? message : message.substring(text + "Message: ".length());
  }

  private static XMLInputFactory safeFactory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    return factory;
  }
}
