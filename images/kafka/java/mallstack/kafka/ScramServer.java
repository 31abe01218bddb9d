package mallstack.kafka;

import java.io.IOException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.sasl.SaslException;
import javax.security.sasl.SaslServer;
import javax.security.sasl.SaslServerFactory;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.security.scram.ScramCredential;
import org.apache.kafka.common.security.scram.ScramCredentialCallback;
import org.apache.kafka.common.security.scram.internals.ScramFormatter;
import org.apache.kafka.common.security.scram.internals.ScramMechanism;
import org.apache.kafka.common.security.scram.internals.ScramMessages.ClientFinalMessage;
import org.apache.kafka.common.security.scram.internals.ScramMessages.ClientFirstMessage;
import org.apache.kafka.common.security.scram.internals.ScramMessages.ServerFinalMessage;
import org.apache.kafka.common.security.scram.internals.ScramMessages.ServerFirstMessage;

/**
 * SCRAM (RFC 5802) that takes a user's present password and, while a rotation goes on, the one before: the credential of
 * the user {@code <name>.previous}, if it has the same salt and iterations. Kafka itself keeps one credential a user, so
 * whoever connects between the change on the servers and the change at the clients would be refused.
 */
final class ScramServer implements SaslServer {
    static final String PREVIOUS = ".previous";

    private enum State { FIRST, FINAL, COMPLETE, FAILED }

    private final ScramMechanism mechanism;
    private final ScramFormatter formatter;
    private final CallbackHandler handler;
    private State state = State.FIRST;
    private String username;
    private List<ScramCredential> accepted = List.of();
    private ClientFirstMessage clientFirst;
    private ServerFirstMessage serverFirst;

    private ScramServer(ScramMechanism mechanism, CallbackHandler handler) throws NoSuchAlgorithmException {
        this.mechanism = mechanism;
        this.formatter = new ScramFormatter(mechanism);
        this.handler = handler;
    }

    @Override
    public byte[] evaluateResponse(byte[] response) throws SaslException {
        try {
            switch (state) {
                case FIRST:
                    return first(response);
                case FINAL:
                    return last(response);
                default:
                    throw new SaslException("Not expecting a message now");
            }
        } catch (SaslException | RuntimeException e) {
            accepted = List.of();
            state = State.FAILED;
            throw e;
        }
    }

    private byte[] first(byte[] response) throws SaslException {
        clientFirst = new ClientFirstMessage(response);
        if (clientFirst.extensions().tokenAuthenticated()) {
            throw new SaslException("Delegation tokens are not in use");
        }
        username = ScramFormatter.username(clientFirst.saslName());
        ScramCredential present = username.endsWith(PREVIOUS) ? null : credential(username);
        if (present == null) {
            throw new SaslException("Authentication failed: Invalid user credentials");
        }
        String wanted = clientFirst.authorizationId();
        if (!wanted.isEmpty() && !wanted.equals(username)) {
            throw new SaslAuthenticationException(
                    "Authentication failed: Client requested an authorization id that is different from username");
        }
        if (present.iterations() < mechanism.minIterations()) {
            throw new SaslException("Iterations " + present.iterations() + " are less than the mechanism's minimum");
        }
        List<ScramCredential> all = new ArrayList<>(List.of(present));
        ScramCredential previous = credential(username + PREVIOUS);
        // The client proves one salted password: another salt would be another proof.
        if (previous != null
                && previous.iterations() == present.iterations()
                && Arrays.equals(previous.salt(), present.salt())) {
            all.add(previous);
        }
        accepted = List.copyOf(all);
        serverFirst = new ServerFirstMessage(
                clientFirst.nonce(), formatter.secureRandomString(), present.salt(), present.iterations());
        state = State.FINAL;
        return serverFirst.toBytes();
    }

    private byte[] last(byte[] response) throws SaslException {
        ClientFinalMessage clientFinal = new ClientFinalMessage(response);
        if (!clientFinal.nonce().equals(serverFirst.nonce())) {
            throw new SaslException("Invalid client nonce in the final client message.");
        }
        ScramCredential proven = null;
        // All are tried whatever the first says: how long it takes tells nothing.
        for (ScramCredential one : accepted) {
            if (isProof(one, clientFinal) && proven == null) {
                proven = one;
            }
        }
        if (proven == null) {
            throw new SaslException("Invalid client credentials");
        }
        byte[] signature;
        try {
            signature = formatter.serverSignature(proven.serverKey(), clientFirst, serverFirst, clientFinal);
        } catch (InvalidKeyException e) {
            throw new SaslException("Authentication failed: Invalid server key", e);
        }
        accepted = List.of();
        state = State.COMPLETE;
        return new ServerFinalMessage(null, signature).toBytes();
    }

    private boolean isProof(ScramCredential credential, ClientFinalMessage clientFinal) throws SaslException {
        try {
            byte[] signature =
                    formatter.clientSignature(credential.storedKey(), clientFirst, serverFirst, clientFinal);
            byte[] computed = formatter.storedKey(signature, clientFinal.proof());
            return MessageDigest.isEqual(computed, credential.storedKey());
        } catch (InvalidKeyException e) {
            throw new SaslException("Authentication failed: Invalid stored key", e);
        }
    }

    private ScramCredential credential(String name) throws SaslException {
        ScramCredentialCallback answer = new ScramCredentialCallback();
        try {
            handler.handle(new Callback[] {new NameCallback("username", name), answer});
        } catch (IOException | UnsupportedCallbackException e) {
            throw new SaslException("Authentication failed: Credentials could not be obtained", e);
        }
        return answer.scramCredential();
    }

    @Override
    public String getMechanismName() {
        return mechanism.mechanismName();
    }

    @Override
    public String getAuthorizationID() {
        requireComplete();
        return username;
    }

    @Override
    public boolean isComplete() {
        return state == State.COMPLETE;
    }

    @Override
    public Object getNegotiatedProperty(String name) {
        requireComplete();
        return null;
    }

    @Override
    public byte[] unwrap(byte[] incoming, int offset, int length) {
        requireComplete();
        return Arrays.copyOfRange(incoming, offset, offset + length);
    }

    @Override
    public byte[] wrap(byte[] outgoing, int offset, int length) {
        requireComplete();
        return Arrays.copyOfRange(outgoing, offset, offset + length);
    }

    @Override
    public void dispose() {
        accepted = List.of();
    }

    private void requireComplete() {
        if (!isComplete()) {
            throw new IllegalStateException("Authentication exchange has not completed");
        }
    }

    /** Found by Java through the provider that {@link Scram} puts in. */
    public static final class Factory implements SaslServerFactory {
        @Override
        public SaslServer createSaslServer(
                String mechanism, String protocol, String server, Map<String, ?> properties, CallbackHandler handler)
                throws SaslException {
            if (!ScramMechanism.isScram(mechanism)) {
                throw new SaslException("Not a SCRAM mechanism: " + mechanism);
            }
            try {
                return new ScramServer(ScramMechanism.forMechanismName(mechanism), handler);
            } catch (NoSuchAlgorithmException e) {
                throw new SaslException("Hash algorithm not supported for " + mechanism, e);
            }
        }

        @Override
        public String[] getMechanismNames(Map<String, ?> properties) {
            return ScramMechanism.mechanismNames().toArray(new String[0]);
        }
    }
}
