package dev.fovea.standalone;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Set;

/** The module rules: who may know whom, and where vendors' types may be seen. */
@AnalyzeClasses(packages = "dev.fovea", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String[] SERVICES = {
    "dev.fovea.ingest..", "dev.fovea.detector..", "dev.fovea.sink..", "dev.fovea.trainer.."
  };

  @ArchTest
  static final ArchRule schemasKnowsNoOtherModule =
      noClasses()
          .that()
          .resideInAPackage("dev.fovea.schema..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.fovea..").and(not(resideInAPackage("dev.fovea.schema.."))));

  @ArchTest
  static final ArchRule ingestKnowsSchemasOnly =
      knowsOnly("dev.fovea.ingest..", "dev.fovea.schema..");

  @ArchTest
  static final ArchRule detectorKnowsSchemasOnly =
      knowsOnly("dev.fovea.detector..", "dev.fovea.schema..");

  @ArchTest
  static final ArchRule sinkKnowsSchemasOnly = knowsOnly("dev.fovea.sink..", "dev.fovea.schema..");

  @ArchTest
  static final ArchRule trainerKnowsSchemasAndDetectorOnly =
      knowsOnly("dev.fovea.trainer..", "dev.fovea.schema..", "dev.fovea.detector..");

  @ArchTest
  static final ArchRule noServiceKnowsTheLauncher =
      noClasses()
          .that()
          .resideInAnyPackage(SERVICES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.fovea.standalone..", "dev.fovea.benchmarks..");

  @ArchTest
  static final ArchRule geometryIsPlainJava =
      classes()
          .that()
          .resideInAPackage("dev.fovea.detector.geometry..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("java..", "org.jspecify..", "dev.fovea.detector.geometry..");

  @ArchTest
  static final ArchRule sourcesKnowNoKafka =
      noClasses()
          .that()
          .resideInAPackage("dev.fovea.ingest.source..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.kafka..");

  @ArchTest
  static final ArchRule inferenceLibrariesStayInTheEngineAndTheTrainer =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.fovea.detector.engine..", "dev.fovea.trainer..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl..", "ai.onnxruntime..");

  /** They free the number before its gradient is asked for: see {@code trainer.loss.Constant}. */
  @ArchTest
  static final ArchRule whatHasAGradientTakesItsNumbersAsTensors =
      noClasses()
          .that()
          .resideInAnyPackage("dev.fovea.trainer.loss..", "dev.fovea.trainer.model..")
          .should()
          .callMethodWhere(
              DescribedPredicate.describe(
                  "DJL multiplies, divides or compares with a number",
                  call ->
                      call.getTargetOwner().getName().equals("ai.djl.ndarray.NDArray")
                          && Set.of("mul", "div", "minimum", "maximum", "pow")
                              .contains(call.getName())
                          && call.getTarget()
                              .getRawParameterTypes()
                              .get(0)
                              .getName()
                              .equals(Number.class.getName())));

  /** The classes of the file format: no runtime. */
  @ArchTest
  static final ArchRule onnxFilesAreTheModelsAndTheTrainers =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.fovea.detector.model..", "dev.fovea.trainer..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.onnx.proto..", "org.tribuo..");

  @ArchTest
  static final ArchRule libavStaysWherePicturesAreReadAndWritten =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.fovea.ingest.source..",
              "dev.fovea.ingest.publish..",
              "dev.fovea.detector.model..",
              "dev.fovea.plan..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bytedeco..");

  /** It is a process of its own, on another JavaCPP. */
  @ArchTest
  static final ArchRule nobodyKnowsThePlanBuilder =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.fovea.plan..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.fovea.plan..");

  @ArchTest static final ArchRule thePlanBuilderKnowsNoOtherModule = knowsOnly("dev.fovea.plan..");

  @ArchTest
  static final ArchRule registryLibrariesStayInSchemas =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.fovea.schema..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.apicurio..", "io.kiota..", "com.microsoft.kiota..");

  @ArchTest
  static final ArchRule objectStoresLibrariesStayWithTheObjects =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.fovea.detector.s3..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("software.amazon..");

  @ArchTest
  static final ArchRule webAndDatabaseLibrariesStayInTheSink =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.fovea.sink..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.javalin..", "org.duckdb..", "org.postgresql..", "com.zaxxer.hikari..");

  @ArchTest
  static final ArchRule aServicesRootPackageHoldsMainAndItsConfigOnly =
      classes()
          .that(resideInAnyPackage("dev.fovea.ingest", "dev.fovea.detector", "dev.fovea.sink"))
          .should(beMainOrConfig());

  /** A rule about a package without classes would hold for ever: each module must be seen. */
  @ArchTest
  static void everyModuleIsSeen(JavaClasses classes) {
    for (String module :
        List.of("schema", "ingest", "detector", "sink", "trainer", "standalone", "plan")) {
      assertThat(classes.that(resideInAPackage("dev.fovea." + module + "..")))
          .as(module)
          .isNotEmpty();
    }
  }

  private static ArchRule knowsOnly(String module, String... others) {
    String[] allowed = new String[others.length + 1];
    allowed[0] = module;
    System.arraycopy(others, 0, allowed, 1, others.length);
    return noClasses()
        .that()
        .resideInAPackage(module)
        .should()
        .dependOnClassesThat(resideInAPackage("dev.fovea..").and(not(resideInAnyPackage(allowed))))
        .allowEmptyShould(true);
  }

  private static ArchCondition<JavaClass> beMainOrConfig() {
    return new ArchCondition<>("be Main, a …Config, or a part of one") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        String name = type.getName().substring(type.getPackageName().length() + 1);
        String outer = name.split("\\$", 2)[0];
        boolean allowed =
            Set.of("Main", "package-info").contains(outer) || outer.endsWith("Config");
        events.add(
            new SimpleConditionEvent(
                type, allowed, type.getName() + " is neither Main nor a …Config"));
      }
    };
  }
}
