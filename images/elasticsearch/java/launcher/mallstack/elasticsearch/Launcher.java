package mallstack.elasticsearch;

import java.nio.file.Path;
import java.security.Security;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.KeyStoreWrapper;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.internal.io.IOUtils;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;

/**
 * Starts the same node as the server's own main, without its bootstrap checks and its security manager. For hosts
 * alone that cannot give a container 65,535 open files: there the server's own main refuses to start.
 */
public final class Launcher {
  public static void main(String[] args) throws Exception {
    // Containers come back with other addresses; the server's own main reads these as es.networkaddress.cache.*.
    Security.setProperty("networkaddress.cache.ttl", System.getProperty("es.networkaddress.cache.ttl"));
    Security.setProperty(
        "networkaddress.cache.negative.ttl", System.getProperty("es.networkaddress.cache.negative.ttl"));
    Path config = Path.of(System.getProperty("es.path.conf"));
    Settings secure = Settings.builder().setSecureSettings(KeyStoreWrapper.create()).build();
    Map<String, String> home = Map.of("path.home", System.getProperty("es.path.home"));
    Environment environment = InternalSettingsPreparer.prepareEnvironment(secure, home, config, () -> "");
    LogConfigurator.setNodeName(Node.NODE_NAME_SETTING.get(environment.settings()));
    LogConfigurator.configure(environment);
    Node node = new Node(environment);
    CountDownLatch closed = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  IOUtils.closeWhileHandlingException(node);
                  closed.countDown();
                }));
    node.start();
    // The node's own threads keep no process alive.
    closed.await();
  }

  private Launcher() {}
}
