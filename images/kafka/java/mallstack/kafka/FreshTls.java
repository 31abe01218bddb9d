package mallstack.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.security.auth.SslEngineFactory;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * For the setting {@code ssl.engine.factory.class}: each new connection is made with the keys and authorities as their
 * files are then. Kafka itself reads them again when a listener's setting is altered, and never where a broker is the
 * client: a replica would go on trusting only who was trusted when it started, until it is restarted.
 */
public final class FreshTls implements SslEngineFactory {
    private static final Logger LOG = LoggerFactory.getLogger(FreshTls.class);

    private Map<String, Object> configs = Map.of();
    private DefaultSslEngineFactory current;
    private String files = "";

    @Override
    public synchronized void configure(Map<String, ?> settings) {
        configs = new HashMap<>(settings);
        files = identityOfFiles();
        current = read();
    }

    private DefaultSslEngineFactory read() {
        DefaultSslEngineFactory factory = new DefaultSslEngineFactory();
        factory.configure(configs);
        return factory;
    }

    /** Those that were read last where the files are wrong: better than no connection at all. */
    private synchronized DefaultSslEngineFactory fresh() {
        String now = identityOfFiles();
        if (!now.equals(files)) {
            try {
                current = read();
                files = now;
                LOG.info("Keys and authorities were read again");
            } catch (KafkaException e) {
                LOG.warn("New keys or authorities cannot be read; the former ones stay in use", e);
            }
        }
        return current;
    }

    /** By their place on the disk: a whole folder is put in the former one's place, and times may be the same. */
    private String identityOfFiles() {
        return identity(SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG) + " "
                + identity(SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG);
    }

    private String identity(String setting) {
        if (!(configs.get(setting) instanceof String path)) {
            return "";
        }
        try {
            BasicFileAttributes file = Files.readAttributes(Path.of(path), BasicFileAttributes.class);
            return file.fileKey() + "@" + file.lastModifiedTime();
        } catch (IOException e) {
            // Between two files of the same name; the next connection looks again.
            return "";
        }
    }

    @Override
    public SSLEngine createClientSslEngine(String peerHost, int peerPort, String endpointIdentification) {
        return fresh().createClientSslEngine(peerHost, peerPort, endpointIdentification);
    }

    @Override
    public SSLEngine createServerSslEngine(String peerHost, int peerPort) {
        return fresh().createServerSslEngine(peerHost, peerPort);
    }

    @Override
    public synchronized boolean shouldBeRebuilt(Map<String, Object> nextConfigs) {
        return !nextConfigs.equals(configs) || !identityOfFiles().equals(files);
    }

    @Override
    public synchronized Set<String> reconfigurableConfigs() {
        return current == null ? Set.of() : current.reconfigurableConfigs();
    }

    @Override
    public KeyStore keystore() {
        return fresh().keystore();
    }

    @Override
    public KeyStore truststore() {
        return fresh().truststore();
    }

    @Override
    public synchronized void close() {
        current = null;
    }
}
