package mallstack.smartcn;

import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.cn.smart.HMMChineseTokenizer;
import org.apache.lucene.analysis.cn.smart.SmartChineseAnalyzer;
import org.elasticsearch.index.analysis.AbstractIndexAnalyzerProvider;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/** Lucene's segmentation of Chinese, under the names of the server's official plugin analysis-smartcn. */
public final class SmartChinesePlugin extends Plugin implements AnalysisPlugin {
  @Override
  public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
    return Map.of(
        "smartcn_tokenizer", (index, env, name, settings) -> TokenizerFactory.newFactory(name, HMMChineseTokenizer::new));
  }

  @Override
  public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
    return Map.of(
        "smartcn",
        (index, env, name, settings) ->
            new AbstractIndexAnalyzerProvider<Analyzer>(index, name, settings) {
              private final Analyzer analyzer = new SmartChineseAnalyzer();

              @Override
              public Analyzer get() {
                return analyzer;
              }
            });
  }
}
