package mallstack.kafka;

import java.security.Provider;
import org.apache.kafka.common.security.auth.SecurityProviderCreator;
import org.apache.kafka.common.security.scram.internals.ScramMechanism;

/** For the broker's setting {@code security.providers}: puts {@link ScramServer} before Kafka's own. */
public final class Scram implements SecurityProviderCreator {
    @Override
    public Provider getProvider() {
        return new ScramProvider();
    }

    private static final class ScramProvider extends Provider {
        private static final long serialVersionUID = 1L;

        ScramProvider() {
            super("mallstack SCRAM", "1.0", "SCRAM that takes the present password and the one before");
            for (ScramMechanism mechanism : ScramMechanism.values()) {
                put("SaslServerFactory." + mechanism.mechanismName(), ScramServer.Factory.class.getName());
            }
        }
    }
}
