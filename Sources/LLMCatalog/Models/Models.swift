import LLMCore

/// The models of one provider, as text: one line each, so that a thousand rows cost no start-up and no allocation.
///
/// A line is the model's id and columns; `-` is unknown, and unknown columns at the end are left out:
///
/// 1. context window in tokens, input and output together;
/// 2. largest output in tokens, or an embedding's number of dimensions;
/// 3. to 6. US dollars per million tokens of input, output, input read from the cache, input written to the cache;
/// 7. letters: `t` tools, `p` parallel tools, `j` json_schema, `v` vision, `a` audio in, `f` files, `r` reasoning,
///    `c` prompt cache (as well where the row has a price of it), `e` an embedding model, `k` a ranking model, `R`
///    reached by the Responses interface alone, `C` by chat completions where the service's own is another, `T` by
///    Responses alone where it thinks and functions may be called.
///    Letters behind a `!` are known not to be; a letter that is missing is not known, and left to the service to say;
/// 8. and on, words in any order, of which a model has few or none:
///
/// | word | says |
/// |---|---|
/// | `2026-12-11`, `2026-12-11>gpt-6.1-terra` | the day it ends, and what follows it |
/// | `no=temperature,prefill` | what it refuses: names of `ModelRefusals`; `no=` is nothing |
/// | `thinking_no=sampling` | what it refuses as long as it thinks |
/// | `effort=medium,low,high` | the efforts that it takes, its default first |
/// | `>272000=x2,x1.5` | prices of a prompt longer than that, whole: of input, output, cache read, cache write |
/// | `@flex=x0.5` | the same where the service says that it served so (`batch`, `flex`, `priority`, `fast`, …), and for ids with that region before them (`us`, `us-gov`; `region` is any but `global`) |
/// | `peak=x2/1-4,6-10/1-5` | the same at those hours (UTC) of those days (1 is Monday) |
/// | `long=x2` | input written to the cache for longer than is usual there: an hour, twelve hours |
/// | `think=3` | thinking, where it is not priced as output |
/// | `audio=32,64,0.4`, `image=8,32,2` | tokens of sound, of pictures: in, out, read from the cache |
/// | `search=10`, `call=5` | dollars for a thousand searches that the service makes, for a thousand calls |
/// | `as_of=2026-10-29` | from when the row is, where that is not `Models.asOf` |
///
/// A price is dollars per million tokens, or `x` and how many times the row's own: of input for `long`, of output for
/// `think`, of the same column in a list. What a list leaves out moves with the input (what is the answer's, with the
/// output); `-` in place of a list takes a rule's back.
///
/// An id that ends with `*` is a rule for all ids that begin so, those to come included; rules stand before the rows. A
/// longer rule is laid over a shorter one, and the row over both, word by word. A rule gives no price of input or output:
/// what the next model will cost is not known.
struct ModelSection {
  let provider: StaticString
  let rows: StaticString

  init(_ provider: StaticString, _ rows: StaticString) {
    self.provider = provider
    self.rows = rows
  }
}

/// The models built in.
enum Models {
  /// From when the rows are.
  static let asOf: StaticString = "2026-11-28"

  /// By provider, then by id. A line may be added by hand; the order does not matter to the code.
  static let sections: [ModelSection] = [
    ModelSection(
      "alibaba",
      """
      deepseek-v4-flash 1000000 393216 0.2 0.4 0.04 - tjr
      deepseek-v4-pro 1000000 393216 2.4 4.8 0.2 - tjr
      glm-5.1 202745 131072 1.4 4.4 0.26 - tjr
      glm-5.2 1048576 131072 1.4 4.4 0.28 - tjr
      kimi-k2.7-code 229376 16384 0.95 4 0.19 - tjvr
      qwen-coder 1000000 16384 0.3 1.5 - - tr
      qwen-flash 997952 32768 0.05 0.4 0.01 0.0625 tr >256000=x5
      qwen-flash-2025-07-28 997952 32768 0.05 0.4 - - tr >256000=x5
      qwen-max 30720 8192 1.6 6.4 0.32 - tr
      qwen-plus 129024 16384 0.4 1.2 0.08 0.5 tr >256000=x3
      qwen-plus-2025-01-25 129024 8192 0.4 1.2 - - tr
      qwen-plus-2025-04-28 129024 16384 0.4 1.2 - - tr
      qwen-plus-2025-07-14 129024 16384 0.4 1.2 - - tr
      qwen-plus-2025-07-28 997952 32768 0.4 1.2 - - tr >256000=x3
      qwen-plus-2025-09-11 997952 32768 0.4 1.2 - - tr >256000=x3
      qwen-plus-latest 997952 32768 0.4 1.2 - - tr >256000=x3
      qwen-turbo 129024 16384 0.05 0.2 0.01 - tr
      qwen-turbo-2024-11-01 1000000 8192 0.05 0.2 - - tr
      qwen-turbo-2025-04-28 1000000 16384 0.05 0.2 - - tr
      qwen-turbo-latest 1000000 16384 0.05 0.2 - - tr
      qwen3-30b-a3b 129024 16384 0.2 0.8 - - tr
      qwen3-coder-flash 997952 65536 0.3 1.5 - 0.375 tr >32000=0.5,2.5,-,0.625 >128000=0.8,4,-,1 >256000=1.6,x6.4,-,2
      qwen3-coder-plus 997952 65536 1 5 - 1.25 tr >32000=x1.8,9 >128000=x3 >256000=x6,x12
      qwen3-max 258048 65536 1.2 6 0.24 1.5 tr >32000=x2 >128000=3,x2.5,x2.5,x2.5
      qwen3-max-preview 258048 65536 1.2 6 0.24 - tr >32000=x2 >128000=3,x2.5,x2.5
      qwen3-next-80b-a3b-instruct 262144 65536 0.15 1.2 - - t
      qwen3-next-80b-a3b-thinking 262144 65536 0.15 1.2 - - tr
      qwen3-vl-235b-a22b-instruct 131072 32768 0.4 1.6 - - tv
      qwen3-vl-235b-a22b-thinking 131072 32768 0.4 4 - - tvr
      qwen3-vl-32b-instruct 131072 32768 0.16 0.64 - - tv
      qwen3-vl-32b-thinking 131072 32768 0.16 2.87 - - tvr
      qwen3-vl-plus 260096 32768 0.2 1.6 0.04 0.25 tvr >32000=x1.5 >128000=x3
      qwen3.5-plus 991808 65536 0.4 2.4 0.04 0.5 tvr >256000=x1.25,3
      qwen3.7-max 991808 65536 2.5 7.5 0.5 3.125 tjr
      qwen3.7-plus 991808 65536 0.4 1.6 - 0.5 tjvrc >256000=x3
      qwen3.8-flash 991808 131072 0.15 0.47 0.016 0.2 tjvr
      qwen3.8-max 991808 131072 2 6 0.25 2.5 tjvfr
      qwen3.8-omni-flash 991808 131072 0.15 0.47 0.016 - tjvar
      qwq-plus 98304 8192 0.8 2.4 - - tr
      """),
    ModelSection(
      "anthropic",
      """
      claude-* - - - - - - tjvfr no=sampling,prefill,forced_tools @batch=x0.5 @us=x1.1 long=x2 search=10
      claude-2* - - - - - - - no=
      claude-3* - - - - - - - no=
      claude-opus-4-0* - - - - - - - no=
      claude-opus-4-1* - - - - - - - no=
      claude-opus-4-2025* - - - - - - - no=
      claude-sonnet-4-0* - - - - - - - no=
      claude-sonnet-4-2025* - - - - - - - no=
      claude-fable-5 1000000 128000 10 50 1 12.5 - no=sampling,prefill
      claude-fable-5-1 1000000 128000 10 50 0.25 12.5
      claude-fable-5-2 1000000 128000 8 40 0.2 10
      claude-haiku-4-5 200000 64000 1 5 0.1 1.25 - no= @us=-
      claude-haiku-5-5 1000000 128000 0.1 0.5 0.01 0.125 - no=sampling,prefill >100000=x5
      claude-mythos-5 1000000 128000 10 50 1 12.5 - no=sampling,prefill
      claude-mythos-5-1 1000000 128000 10 50 0.25 12.5
      claude-mythos-5-2 1000000 128000 8 40 0.2 10
      claude-opus-4-5 200000 64000 5 25 0.5 6.25 - no= @us=- 2027-01-22>claude-opus-5-5
      claude-opus-4-6 1000000 128000 5 25 0.5 6.25 - no=prefill
      claude-opus-4-7 1000000 128000 5 25 0.5 6.25 - no=sampling,prefill
      claude-opus-4-8 1000000 128000 5 25 0.5 6.25 - no=sampling,prefill @fast=x2
      claude-opus-5 1000000 128000 5 25 0.5 6.25 - no=sampling,prefill @fast=x2
      claude-opus-5-5 1000000 128000 4 20 0.2 5 - @fast=x2
      claude-sonnet-4-5 200000 64000 3 15 0.3 3.75 - no= @us=- 2026-11-30>claude-sonnet-5-5 >200000=x2,x1.5
      claude-sonnet-4-6 1000000 128000 3 15 0.3 3.75 - no=prefill
      claude-sonnet-5 1000000 128000 2 10 0.2 2.5 - no=sampling,prefill
      claude-sonnet-5-5 1000000 128000 2 10 0.1 2.5
      """),
    ModelSection(
      "arcee",
      """
      deepseek/deepseek-v4-flash-latest 1048576 384000 0.14 0.28 0.028 - tjr
      deepseek/deepseek-v4-pro-0813 1048576 384000 1.32 3.96 0.044 - tjr
      moonshotai/kimi-k3 1048576 131072 3 15 0.3 - tjr
      trinity-large-thinking 262144 262144 0.25 0.8 0.06 - tr
      zai-org/glm-5.2 262144 131072 1.4 4.4 0.26 - tjr
      """),
    ModelSection(
      "azure",
      """
      gpt-5* - - - - - - - thinking_no=sampling effort=medium,minimal,low,high @flex=x0.5 @priority=x2 search=14
      gpt-5.1* - - - - - - - effort=none,low,medium,high
      gpt-5.2* - - - - - - - effort=none,low,medium,high,xhigh
      gpt-5.4* - - - - - - T effort=none,low,medium,high,xhigh
      gpt-5.5* - - - - - - T effort=medium,none,low,high,xhigh
      gpt-5.6* - - - - - - T effort=medium,none,low,high,xhigh >272000=x2,x1.5
      gpt-6* - - - - - - T thinking_no=sampling effort=medium,none,low,high,xhigh,max >272000=x2,x1.5 @flex=x0.5 @priority=x2 search=14
      o1* - - - - - - - thinking_no=sampling effort=medium,low,high
      o3* - - - - - - - thinking_no=sampling effort=medium,low,high
      o4* - - - - - - - thinking_no=sampling effort=medium,low,high
      ada 8191 - 0.11 - - - e 2028-02-09
      chat-latest 400000 128000 5 30 0.5 - Ttpjvfr 2026-12-02
      codex-mini 200000 100000 1.5 6 0.375 - Rtpjvfr 2026-11-15
      computer-use-preview 8192 1024 3 12 - - Rtpjvr
      gpt-3.5-turbo 4097 4096 0.5 1.5 - - t
      gpt-35-turbo 4097 4096 0.5 1.5 - - t
      gpt-4-0125-preview 128000 4096 10 30 - - tp
      gpt-4-turbo 128000 4096 11 33 - - tpv
      gpt-4-turbo-vision-preview 128000 4096 11 33 - - v
      gpt-4.1 1047576 32768 2 8 0.5 - tpjv 2027-04-14>gpt-5.1 search=14 @priority=x1.75,14
      gpt-4.1-mini 1047576 32768 0.4 1.6 0.1 - tpjv 2027-04-14>gpt-5.4-mini search=14 @priority=x1.75
      gpt-4.1-nano 1047576 32768 0.1 0.4 0.025 - tpjv 2027-04-14>gpt-5.4-nano
      gpt-4o 128000 16384 2.5 10 1.25 - tpjv 2027-04-14>gpt-5.1
      gpt-4o-2024-05-13 128000 4096 5 15 - - tpvc 2026-12-09>gpt-5.1
      gpt-4o-mini 128000 16384 0.15 0.6 0.075 - tpjv 2027-04-14 search=14
      gpt-5 400000 128000 1.25 10 0.125 - tpjvfr 2027-02-09>gpt-5.1
      gpt-5-codex 400000 128000 1.25 10 0.125 - Rtpjvfr 2027-03-17>gpt-5.1-codex
      gpt-5-mini 400000 128000 0.25 2 0.025 - tpjvfr 2027-02-09>gpt-5.4-mini
      gpt-5-nano 400000 128000 0.05 0.4 0.005 - tpjvfr 2027-02-09>gpt-5.4-nano
      gpt-5-pro 400000 128000 15 120 - - Rtpjvfrc 2027-04-07
      gpt-5.1 400000 128000 1.25 10 0.125 - tpjvafr 2027-05-15>gpt-5.2
      gpt-5.1-codex 400000 128000 1.25 10 0.125 - Rtpjvafr 2027-05-15>gpt-5.2-codex
      gpt-5.1-codex-max 400000 128000 1.25 10 0.125 - Rtpjvfr 2027-05-18
      gpt-5.1-codex-mini 400000 128000 0.25 2 0.025 - Rtpjvfr 2027-05-15
      gpt-5.2 400000 128000 1.75 14 0.175 - tpjvfr 2027-06-08>gpt-5.4
      gpt-5.2-codex 400000 128000 1.75 14 0.175 - Rtpjvfr 2027-07-13>gpt-5.3-codex
      gpt-5.3-codex 400000 128000 1.75 14 0.175 - Rtpjvfr 2027-08-24
      gpt-5.4 1050000 128000 2.5 15 0.25 - tpjvfr 2027-09-02>gpt-5.5 >272000=x2,x1.5
      gpt-5.4-mini 400000 128000 0.75 4.5 0.075 - tpjvfr 2027-09-21
      gpt-5.4-nano 400000 128000 0.2 1.25 0.02 - tpjvfr 2027-09-21
      gpt-5.4-pro 1050000 128000 30 180 3 - Rtpvfr 2027-09-07>gpt-5.5-pro >272000=x2,x1.5
      gpt-5.5 1050000 128000 5 30 0.5 - tpjvfr 2027-10-26 >272000=x2,x1.5
      gpt-5.5-pro 1050000 128000 30 180 3 - Rtpvfr >272000=x2,x1.5
      gpt-5.6-luna 1050000 128000 0.2 1.2 0.02 0.25 tpjvfr 2028-01-11>gpt-6-luna
      gpt-5.6-sol 1050000 128000 4 20 0.4 5 tpjvfr 2028-01-11>gpt-6-sol
      gpt-5.6-terra 1050000 128000 2 12 0.2 2.5 tpjvfr 2028-01-11
      gpt-6-astra 1050000 128000 10 50 1 12.5 tpjvfr 2028-01-11
      gpt-6-luna 1050000 128000 0.1 0.5 0.01 0.125 tpjvfr 2028-03-11
      gpt-6-sol 1050000 128000 2 10 0.2 2.5 tpjvfr 2028-03-11
      gpt-6.1-sol 1050000 128000 2 10 0.1 2.5 tpjvfr 2028-03-11
      gpt-audio 128000 16384 2.5 10 - - tp 2027-03-02 audio=40,80
      gpt-audio-1.5 128000 16384 2.5 10 - - tp 2027-08-24 audio=32,64
      gpt-audio-mini 128000 16384 0.6 2.4 - - tp 2027-06-15 audio=10,20
      gpt-audio-mini-2025-10-06 128000 16384 0.6 2.4 - - tpa 2027-04-06 audio=10,20
      gpt-chat-latest 128000 128000 5 30 0.5 - tpjvfr 2027-05-18
      model-router 200000 32768 0.14 0 - - tv 2027-05-20
      o1 200000 100000 15 60 7.5 - tpvr 2026-11-19>gpt-5.6-sol
      o1-mini 128000 65536 1.1 4.4 0.55 - tpr
      o3 200000 100000 2 8 0.5 - tjvr 2026-11-19>gpt-5.6-sol search=14
      o3-deep-research 200000 100000 10 40 2.5 - Rtpjvfr 2026-11-19>gpt-5.6-sol search=14
      o3-mini 200000 100000 1.1 4.4 0.55 - tjr!v 2026-11-19>gpt-5.6-terra
      o3-pro 200000 100000 20 80 - - Rtjvr 2026-11-19>gpt-5.6-sol search=14
      o4-mini 200000 100000 1.1 4.4 0.275 - tjvr 2026-11-19>gpt-5.6-terra search=14
      phi-4 - 4096 0.125 0.5
      phi-4-reasoning-plus 32768 4096 0.125 0.5 - - r
      text-embedding-3-large 8192 - 0.13 - - - e 2028-02-09
      text-embedding-3-small 8192 - 0.02 - - - e 2028-02-09
      text-embedding-ada-002 8192 - 0.1 - - - e 2028-02-09
      """),
    ModelSection(
      "bedrock",
      """
      anthropic.claude-* - - - - - - tjvfr no=sampling,prefill,forced_tools @region=x1.1 @us-gov=x1.2 long=x2 search=10
      anthropic.claude-3* - - - - - - - no=
      anthropic.claude-instant* - - - - - - - no=
      anthropic.claude-opus-4-1* - - - - - - - no=
      anthropic.claude-opus-4-2025* - - - - - - - no=
      anthropic.claude-sonnet-4-2025* - - - - - - - no=
      anthropic.claude-v2* - - - - - - - no=
      openai.gpt-5* - - - - - - - >272000=x2,x1.5
      openai.gpt-6* - - - - - - tpjvfr >272000=x2,x1.5
      amazon.nova-2-lite-v1:0 1000000 64000 0.3 2.5 0.075 0.33 tjvfr @region=x1.1 @apac=x1.32 @jp=x1.32 @eu=x1.43 @priority=x1.75
      amazon.nova-2-pro-preview-20251202-v1:0 1000000 64000 1.25 10 0.3125 - tjvfr @region=x1.1 audio=1.25 @priority=x1.75
      amazon.nova-lite-v1:0 300000 10000 0.06 0.24 0.015 0.06 tjvf
      amazon.nova-micro-v1:0 128000 10000 0.035 0.14 0.00875 0.035 tj
      amazon.nova-premier-v1:0 1000000 10000 2.5 12.5 0.625 - tjvf @priority=x1.75
      amazon.nova-pro-v1:0 300000 10000 0.8 3.2 0.2 0.8 tjvf @flex=x0.5 @priority=x1.75
      amazon.titan-embed-text-v1 8192 1536 0.1 - - - e
      amazon.titan-embed-text-v2:0 8192 1024 0.02 - - - e
      anthropic.claude-3-7-sonnet-20250219-v1:0 200000 8192 3 15 0.3 3.75 - no= @region=- @us-gov=-
      anthropic.claude-fable-5 1000000 128000 10 50 1 12.5 - no=sampling,prefill
      anthropic.claude-fable-5-1 1000000 128000 10 50 0.25 12.5
      anthropic.claude-haiku-4-5-20251001-v1:0 200000 64000 1 5 0.1 1.25 - no=
      anthropic.claude-haiku-4-5@20251001 200000 64000 1 5 0.1 1.25 - no=
      anthropic.claude-haiku-5-5 1000000 128000 0.1 0.5 0.01 0.125 - no=sampling,prefill >100000=x5
      anthropic.claude-mythos-5-1 1000000 128000 10 50 0.25 12.5
      anthropic.claude-opus-4-1-20250805-v1:0 200000 32000 15 75 1.5 18.75 - 2027-01-08 no= @region=- @us-gov=-
      anthropic.claude-opus-4-20250514-v1:0 200000 32000 15 75 1.5 18.75 - no= @region=- @us-gov=-
      anthropic.claude-opus-4-5-20251101-v1:0 200000 64000 5 25 0.5 6.25 - no=
      anthropic.claude-opus-4-6-v1 1000000 128000 5 25 0.5 6.25 - no=prefill
      anthropic.claude-opus-4-7 1000000 128000 5 25 0.5 6.25 - no=sampling,prefill
      anthropic.claude-opus-4-8 1000000 128000 5 25 0.5 6.25 - no=sampling,prefill
      anthropic.claude-opus-5 1000000 128000 5 25 0.5 6.25 - no=sampling,prefill
      anthropic.claude-opus-5-5 1000000 128000 4 20 0.2 5
      anthropic.claude-sonnet-4-20250514-v1:0 200000 64000 3 15 0.3 3.75 - 2026-10-14>anthropic.claude-sonnet-5 no= @region=- @us-gov=- >200000=x2,x1.5
      anthropic.claude-sonnet-4-5-20250929-v1:0 200000 64000 3 15 0.3 3.75 - 2027-04-08>anthropic.claude-sonnet-5-5 no= >200000=x2,x1.5
      anthropic.claude-sonnet-4-6 1000000 64000 3 15 0.3 3.75 - no=prefill
      anthropic.claude-sonnet-5 1000000 128000 2 10 0.2 2.5 - no=sampling,prefill
      anthropic.claude-sonnet-5-5 1000000 128000 2 10 0.1 2.5
      apac.amazon.nova-lite-v1:0 300000 10000 0.063 0.252 0.01575 0.063 tjvf
      apac.amazon.nova-micro-v1:0 128000 10000 0.037 0.148 0.00925 0.037 tj
      apac.amazon.nova-pro-v1:0 300000 10000 0.84 3.36 0.21 0.84 tjvf @flex=x0.5
      deepseek.r1-v1:0 128000 8192 1.35 5.4 - - r 2027-03-30
      deepseek.v3-v1:0 128000 8000 0.58 1.68 - - tjr 2027-03-30
      deepseek.v3.2 164000 8000 0.62 1.85 - - tjr!v @flex=x0.5 @priority=x1.75
      eu.amazon.nova-2-lite-v1:0 1000000 64000 0.429 3.597 0.10725 0.374 tjvfr
      eu.amazon.nova-lite-v1:0 300000 10000 0.078 0.312 0.0195 0.069 tjvf
      eu.amazon.nova-micro-v1:0 128000 10000 0.046 0.184 0.0115 0.04 tj
      eu.amazon.nova-pro-v1:0 300000 10000 1.05 4.2 0.2625 0.92 tjvf @flex=x0.5
      eu.anthropic.claude-haiku-4-5-20251001-v1:0 200000 64000 1.1 5.5 0.11 1.375 tjvfr 2026-10-15 no= long=x2
      eu.deepseek.v3.2 163840 163840 0.74 2.22 - - tjr @flex=x0.5
      google.gemma-3-12b-it 128000 8000 0.09 0.29 - - tjv 2027-03-30 @flex=0.05,0.15 @priority=0.16,0.51
      google.gemma-3-27b-it 128000 8000 0.23 0.38 - - tjv 2027-03-30 @flex=0.12,x0.5 @priority=0.4,0.67
      google.gemma-3-4b-it 128000 8000 0.04 0.08 - - tv 2027-03-30 @flex=x0.5 @priority=x1.75
      meta.llama3-1-70b-instruct-v1:0 128000 4096 0.72 0.72 - - t 2027-03-30
      meta.llama3-1-8b-instruct-v1:0 128000 4096 0.22 0.22 - - t 2027-03-30
      meta.llama3-3-70b-instruct-v1:0 128000 4096 0.72 0.72 - - t 2027-03-30
      meta.llama3-70b-instruct-v1:0 8192 8192 2.65 3.5 - - - 2027-03-30
      meta.llama3-8b-instruct-v1:0 8192 8192 0.3 0.6 - - - 2027-03-30
      meta.llama4-maverick-17b-instruct-v1:0 1000000 8192 0.24 0.97 - - tv 2027-03-30
      meta.llama4-scout-17b-instruct-v1:0 10000000 8192 0.17 0.66 - - tv 2027-03-30
      minimax.minimax-m2 1000000 8000 0.3 1.2 - - tjr!v 2027-03-30 @flex=x0.5 @priority=0.52,x1.75
      minimax.minimax-m2.1 196000 8000 0.3 1.2 - - tjr!v 2027-03-30 @flex=x0.5 @priority=x1.75
      minimax.minimax-m2.5 196000 8000 0.3 1.2 - - tjr!v @flex=x0.5 @priority=x1.75
      mistral.devstral-2-123b 256000 32000 0.4 2 - - tj!v 2027-03-30 @flex=x0.5,1 @priority=x1.75
      mistral.magistral-small-2509 128000 40000 0.5 1.5 - - tjvr @flex=x0.5 @priority=x1.76,2.63
      mistral.ministral-3-14b-instruct 128000 8000 0.2 0.2 - - tjv @flex=x0.5 @priority=x1.75
      mistral.ministral-3-3b-instruct 128000 8000 0.1 0.1 - - tjv @flex=x0.5 @priority=x1.7
      mistral.ministral-3-8b-instruct 128000 8000 0.15 0.15 - - tjv @flex=0.07 @priority=0.26
      mistral.mistral-7b-instruct-v0:2 32000 4096 0.15 0.2 - - - 2027-03-30
      mistral.mistral-large-2402-v1:0 32000 4096 4 12 - - t
      mistral.mistral-large-3-675b-instruct 256000 32000 0.5 1.5 - - tjv @flex=x0.5 @priority=x1.76,2.63
      mistral.mistral-small-2402-v1:0 32000 4096 1 3 - - t
      mistral.mixtral-8x7b-instruct-v0:1 32000 4096 0.45 0.7 - - - 2027-03-30
      mistral.pixtral-large-2502-v1:0 128000 16384 2 6 - - tv
      mistral.voxtral-mini-3b-2507 32768 8192 0.04 0.04 - - tja 2027-03-30 @flex=x0.5 @priority=x1.75
      mistral.voxtral-small-24b-2507 32768 8192 0.1 0.3 - - tja 2027-03-30 @flex=x0.5 @priority=x1.7,0.52
      moonshot.kimi-k2-thinking 256000 16000 0.6 2.5 - - tjr!v 2027-03-30 @priority=x1.75,x1.752
      moonshotai.kimi-k2.5 256000 16000 0.6 3 - - tjvr @flex=x0.5 @priority=x1.75
      moonshotai.kimi-k3 1000000 131072 3.3 16.5 0.33 4.125 tjvr @global=3,15,0.3,3.75 @flex=x0.5 @priority=x1.75
      moonshotai.kimi-k3.1 1000000 131072 4.4 22 0.22 5.5 tjvr @flex=x0.5 @priority=x1.75 @global=4,20,0.2,5
      nvidia.nemotron-nano-12b-v2 128000 8000 0.2 0.6 - - tjv 2027-03-30 @us-gov=x1.2 @flex=x0.5 @priority=x1.75
      nvidia.nemotron-nano-3-30b 256000 8000 0.06 0.24 - - tjr!v @us-gov=x1.2 @flex=x0.5 @priority=0.11,x1.75
      nvidia.nemotron-nano-9b-v2 128000 8000 0.06 0.23 - - tj!v 2027-03-30 @us-gov=x1.2 @flex=x0.5,0.12 @priority=0.11,0.4
      nvidia.nemotron-super-3-120b 256000 32000 0.15 0.65 - - tjr!v @us-gov=x1.2 @flex=x0.5 @priority=x1.75
      openai.gpt-5.4 1050000 128000 2.75 16.5 0.275 - tjvfr @global=2.5,15,0.25
      openai.gpt-5.5 1050000 128000 5.5 33 0.55 - tjvfr @global=5,30,0.5
      openai.gpt-5.6-luna 1050000 128000 0.22 1.32 0.022 0.275 tjvfr @global=0.2,1.2,0.02,0.25
      openai.gpt-5.6-sol 1050000 128000 4.4 22 0.44 5.5 tjvfr @global=4,20,0.4,5
      openai.gpt-5.6-terra 1050000 128000 2.2 13.2 0.22 2.75 tjvfr @global=2,12,0.2,2.5
      openai.gpt-6-astra 1050000 128000 11 55 1.1 13.75 - @global=10,50,1,12.5
      openai.gpt-6-luna 1050000 128000 0.11 0.55 0.011 0.1375 - @global=0.1,0.5,0.01,0.125
      openai.gpt-6-sol 1050000 128000 2.2 11 0.22 2.75 - @global=2,10,0.2,2.5
      openai.gpt-6.1-sol 1000000 131072 2.2 11 0.11 2.75 - @global=2,10,0.1,2.5
      openai.gpt-6.1-terra 1050000 128000 1.1 5.5 0.055 1.375 - @global=1,5,0.05,1.25
      openai.gpt-oss-120b-1:0 128000 16384 0.15 0.6 - - tjr!v @us-gov=x1.2 @flex=x0.5 @priority=x1.75
      openai.gpt-oss-20b-1:0 128000 16384 0.07 0.3 - - tjr!v @us-gov=x1.2 @flex=x0.5 @priority=x1.75
      openai.gpt-oss-safeguard-120b 128000 16000 0.15 0.6 - - tj!v @flex=0.07,x0.5 @priority=0.26,x1.75
      openai.gpt-oss-safeguard-20b 128000 16000 0.07 0.2 - - tj!v @flex=0.03,x0.5 @priority=0.12,x1.75
      qwen.qwen3-235b-a22b-2507-v1:0 262144 8192 0.22 0.88 - - tjr @flex=x0.5
      qwen.qwen3-32b-v1:0 32768 8192 0.15 0.6 - - tjr @flex=x0.5 @priority=x1.75
      qwen.qwen3-coder-30b-a3b-v1:0 262144 16384 0.15 0.6 - - tjr 2027-03-30 @priority=x1.75
      qwen.qwen3-coder-480b-a35b-v1:0 128000 16384 0.45 1.8 - - tjr 2027-03-30
      qwen.qwen3-coder-next 256000 16000 0.5 1.2 - - tjr!v @flex=x0.5 @priority=x1.75
      qwen.qwen3-next-80b-a3b 256000 8000 0.15 1.2 - - tj!v @flex=0.07,x0.5 @priority=0.26,x1.75
      qwen.qwen3-vl-235b-a22b 256000 8000 0.53 2.66 - - tv @priority=0.93,4.66
      us.anthropic.claude-mythos-5 1000000 128000 11 55 1.1 13.75 tjvfr no=sampling,prefill long=x2
      us.deepseek.v3.2 163840 163840 0.62 1.85 - - tjr @flex=x0.5 @priority=x1.75
      writer.palmyra-vision-7b 4096 4096 0.15 0.6 - - v @flex=x0.5 @priority=x1.75
      writer.palmyra-x4-v1:0 128000 8192 2.5 10 - - tfr 2027-03-09
      writer.palmyra-x5-v1:0 128000 8192 0.6 6 - - tfr 2027-03-21
      xai.grok-4.6 500000 500000 2.2 6.6 0.55 - tvr @global=2,6,0.5
      xai.grok-4.7 524288 524288 2.2 6.6 0.55 - tvr @global=2,6,0.5
      zai.glm-4.7 203000 128000 0.6 2.2 - - tjr!v 2027-03-30>zai.glm-5 @flex=x0.5 @priority=x1.75
      zai.glm-4.7-flash 203000 128000 0.07 0.4 - - tjr!v 2027-03-30 @flex=x0.5 @priority=x1.75
      zai.glm-5 200000 128000 1 3.2 - - tjr!v @priority=x1.75
      zai.glm-5.3 1000000 128000 1.848 5.808 0.3432 2.31 tjr @global=1.68,5.28,0.312,2.1
      """),
    ModelSection(
      "cerebras",
      """
      gemma-4-31b 131072 40960 0.99 1.49 - - tpjvr
      gpt-oss-120b 131072 32768 0.35 0.75 - - tpjr
      llama3.1-70b 128000 128000 0.6 0.6 - - t
      qwen-3.8-27b 65536 32768 0.99 1.49 - - tpjvr
      """),
    ModelSection(
      "cohere",
      """
      c4ai-aya-expanse-32b 128000 4000 0.5 1.5
      command-a-03-2025 256000 8000 2.5 10 - - t
      command-a-plus-05-2026 128000 64000 0 0 - - tjvr
      command-r-08-2024 128000 4096 0.15 0.6 - - t
      command-r-plus-08-2024 128000 4096 2.5 10 - - t
      command-r7b-12-2024 128000 4096 0.0375 0.15 - - t
      embed-english-light-v3.0 512 - 0.1 - - - e
      embed-english-v3.0 512 - 0.1 - - - e
      embed-multilingual-light-v3.0 512 - 0.1 - - - e
      embed-multilingual-v3.0 512 - 0.1 - - - e
      embed-v4.0 128000 1536 0.12 - - - e
      embed-v5.0-fast 128000 2048 0.08 - - - e
      embed-v5.0-pro 128000 2048 0.12 - - - e
      rerank-v3.5 4096 - 0 - - - k search=2
      rerank-v4.0-fast 32768 - 0 - - - k search=2
      rerank-v4.0-pro 32768 - 0 - - - k search=2.5
      rerank-v5.0-fast 32768 - 0.02 - - - k
      rerank-v5.0-pro 32768 - 0.05 - - - k
      """),
    ModelSection(
      "deepinfra",
      """
      ByteDance/Seed-1.8 256000 - 0.25 2 0.05 - tjvr
      ByteDance/Seed-2.0-code 256000 - 0.5 3 0.1 - tjvr
      ByteDance/Seed-2.0-mini 256000 - 0.1 0.4 0.02 - tjvr
      ByteDance/Seed-2.0-pro 256000 - 0.5 3 0.1 - tjvr
      Gryphe/MythoMax-L2-13b 4096 4096 0.4 0.4 - - t
      MiniMaxAI/MiniMax-M2.7 196608 - 0.25 1 0.05 - tjr!v
      MiniMaxAI/MiniMax-M2.7-Turbo 196608 - 0.38 1.7 0.07 - tjr
      MiniMaxAI/MiniMax-M3 524288 - 0.28 1.1 0.056 - tjvr
      NousResearch/Hermes-3-Llama-3.1-405B 131072 131072 1 1 - - t
      NousResearch/Hermes-3-Llama-3.1-70B 131072 131072 0.7 0.7
      Qwen/QwQ-32B 131072 131072 0.15 0.4 - - t
      Qwen/Qwen2.5-72B-Instruct 32768 32768 0.36 0.4 - - t
      Qwen/Qwen2.5-7B-Instruct 32768 32768 0.04 0.1
      Qwen/Qwen2.5-VL-32B-Instruct 128000 128000 0.2 0.6 - - tv
      Qwen/Qwen3-14B 40960 40960 0.12 0.24 - - t
      Qwen/Qwen3-235B-A22B 40960 40960 0.18 0.54 - - t
      Qwen/Qwen3-235B-A22B-Instruct-2507 262144 262144 0.09 0.55 - - tj
      Qwen/Qwen3-235B-A22B-Thinking-2507 262144 262144 0.3 2.9 - - t
      Qwen/Qwen3-30B-A3B 40960 40960 0.12 0.5 - - tjr
      Qwen/Qwen3-32B 40960 40960 0.08 0.28 - - tjr
      Qwen/Qwen3-Coder-480B-A35B-Instruct 262144 262144 0.4 1.6 - - t
      Qwen/Qwen3-Coder-480B-A35B-Instruct-Turbo 262144 262144 0.3 1 0.1 - tj
      Qwen/Qwen3-Max 256000 - 1.2 6 0.24 - tj!v
      Qwen/Qwen3-Max-Thinking 256000 - 1.2 6 0.24 - tj
      Qwen/Qwen3-Next-80B-A3B-Instruct 262144 262144 0.09 1.1 - - tj
      Qwen/Qwen3-Next-80B-A3B-Thinking 262144 262144 0.14 1.4 - - t
      Qwen/Qwen3-VL-235B-A22B-Instruct 262144 - 0.2 0.88 0.11 - tjv
      Qwen/Qwen3-VL-30B-A3B-Instruct 262144 - 0.15 0.6 - - tjv
      Qwen/Qwen3.5-122B-A10B 262144 - 0.29 2.4 - - tjvar
      Qwen/Qwen3.5-27B 262144 - 0.26 2.6 - - tjvar
      Qwen/Qwen3.5-35B-A3B 262144 - 0.14 1 0.05 - tjvr
      Qwen/Qwen3.5-397B-A17B 262144 - 0.45 3 0.22 - tjvr
      Qwen/Qwen3.5-9B 262144 - 0.1 0.15 - - tjvr
      Qwen/Qwen3.6-27B 262144 - 0.32 3.2 - - tjvar
      Qwen/Qwen3.6-35B-A3B 262144 - 0.1 0.95 - - tjvr
      Qwen/Qwen3.7-Max 256000 - 2.5 7.5 0.5 - tj!v
      Qwen/Qwen3.8-2.4T-A95B 262144 - 2 6 0.2 - tjr!v
      Qwen/Qwen3.8-27B 262144 - 0.4 3 0.04 - tjvr
      Qwen/Qwen3.8-Max 256000 - 1.65 4.951 0.206 - tjf
      Sao10K/L3-8B-Lunaris-v1-Turbo 8192 8192 0.04 0.05
      Sao10K/L3.1-70B-Euryale-v2.2 131072 131072 0.85 0.85
      Sao10K/L3.3-70B-Euryale-v2.3 131072 131072 0.65 0.75
      XiaomiMiMo/MiMo-V2.5 262144 - 0.4 2 0.08 - tjvar
      XiaomiMiMo/MiMo-V2.5-Pro 1048576 - 1 3 0.2 - tjar!v
      allenai/olmOCR-7B-0725-FP8 16384 16384 0.27 1.5
      anthropic/claude-3-7-sonnet-latest 200000 200000 3.3 16.5 0.33 - t
      anthropic/claude-4-opus 200000 200000 16.5 82.5 - - t
      anthropic/claude-4-sonnet 200000 200000 3.3 16.5 - - t
      anthropic/claude-fable-5 1000000 - 10 50 - - tjvr
      anthropic/claude-haiku-4-5 200000 - 1 5 - - tjvr
      anthropic/claude-opus-4-7 1000000 - 5 25 - - tjvr
      anthropic/claude-opus-4-8 1000000 - 5 25 - - tjvr
      anthropic/claude-opus-5 1000000 - 5 25 - - tjvr
      anthropic/claude-sonnet-4-6 1000000 - 3 15 - - tjvr
      anthropic/claude-sonnet-5 1000000 - 2 10 - - tjvr
      deepseek-ai/DeepSeek-R1 163840 163840 0.7 2.4 - - t
      deepseek-ai/DeepSeek-R1-0528 163840 163840 0.5 2.15 0.35 - tjr
      deepseek-ai/DeepSeek-R1-0528-Turbo 32768 32768 1 3 - - t
      deepseek-ai/DeepSeek-R1-Distill-Llama-70B 131072 131072 0.2 0.6
      deepseek-ai/DeepSeek-R1-Distill-Qwen-32B 131072 131072 0.27 0.27 - - t
      deepseek-ai/DeepSeek-R1-Turbo 40960 40960 1 3 - - t
      deepseek-ai/DeepSeek-V3 163840 163840 0.32 0.89 - - tj
      deepseek-ai/DeepSeek-V3-0324 163840 163840 0.24 0.9 0.135 - tj
      deepseek-ai/DeepSeek-V3.1 163840 163840 0.25 0.95 0.13 - tjr
      deepseek-ai/DeepSeek-V3.1-Terminus 163840 163840 0.27 1 0.216 - t
      deepseek-ai/DeepSeek-V3.2 163840 - 0.26 0.38 0.13 - tjr!v
      deepseek-ai/DeepSeek-V4-Flash 1048576 - 0.09 0.18 0.018 - tjr!v
      deepseek-ai/DeepSeek-V4-Flash-0731 1048576 - 0.08 0.18 0.016 - tjr!v
      deepseek-ai/DeepSeek-V4-Pro 1048576 - 1.3 2.6 0.1 - tjr!v
      deepseek-ai/DeepSeek-V4.1-Flash 1048576 131072 0.14 0.42 0.0042 - tjvr
      google/gemini-2.5-flash 1000000 1000000 0.3 2.5 - - tjvar
      google/gemini-2.5-pro 1000000 1000000 1.25 10 - - tjvar
      google/gemini-3.1-flash-lite 1000000 - 0.25 1.5 - - tjvar
      google/gemini-3.1-pro 1000000 - 2 12 - - tjvar
      google/gemini-3.5-flash 1000000 - 1.5 9 - - tjvar
      google/gemini-3.7-flash 1000000 - 0.75 3.75 - - tjvar
      google/gemma-3-12b-it 131072 131072 0.05 0.15 - - t
      google/gemma-3-27b-it 131072 131072 0.08 0.16 - - t
      google/gemma-3-4b-it 131072 131072 0.05 0.1 - - t
      google/gemma-4-26B-A4B-it 262144 - 0.07 0.34 - - tjvr
      google/gemma-4-31B-it 262144 - 0.13 0.38 - - tjvr
      google/gemma-4-31B-it-Ultra 131072 - 0.27 0.76 - - tjvr
      google/gemma-4-31B-it-turbo 262144 - 0.09 0.34 0.05 - tvr
      google/gemma-4-E4B-it 131072 - 0.02 0.1 - - tjar
      inclusionAI/Ling-3.0-flash 131072 - 0.06 0.18 0.012 - tjr
      meta-llama/Llama-3.2-11B-Vision-Instruct 131072 131072 0.049 0.049
      meta-llama/Llama-3.2-3B-Instruct 131072 131072 0.02 0.02 - - t
      meta-llama/Llama-3.3-70B-Instruct 131072 131072 0.23 0.4 - - t
      meta-llama/Llama-3.3-70B-Instruct-Turbo 131072 131072 0.1 0.32 - - tj
      meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8 1048576 1048576 0.2 0.8 - - tjv
      meta-llama/Llama-4-Scout-17B-16E-Instruct 327680 327680 0.1 0.3 - - tjv
      meta-llama/Llama-Guard-3-8B 131072 131072 0.055 0.055
      meta-llama/Llama-Guard-4-12B 163840 163840 0.18 0.18
      meta-llama/Meta-Llama-3-8B-Instruct 8192 8192 0.03 0.06 - - t
      meta-llama/Meta-Llama-3.1-70B-Instruct 131072 131072 0.4 0.4 - - t
      meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo 131072 131072 0.4 0.4 - - t
      meta-llama/Meta-Llama-3.1-8B-Instruct 131072 131072 0.03 0.05 - - t
      meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo 131072 131072 0.02 0.04 - - t
      meta-models/Muse-Glimmer-30B 131072 - 0.3 1.2 0.04 - tjvr
      microsoft/WizardLM-2-8x22B 65536 65536 0.48 0.48
      microsoft/phi-4 16384 16384 0.07 0.14 - - t
      mistralai/Mistral-Nemo-Instruct-2407 131072 131072 0.019 0.03 - - t
      mistralai/Mistral-Small-24B-Instruct-2501 32768 32768 0.05 0.08 - - t
      mistralai/Mistral-Small-3.2-24B-Instruct-2506 128000 128000 0.075 0.2 - - t
      mistralai/Mixtral-8x7B-Instruct-v0.1 32768 32768 0.4 0.4 - - t
      moonshotai/Kimi-K2-Instruct 131072 131072 0.5 2 - - t
      moonshotai/Kimi-K2-Instruct-0905 262144 262144 0.5 2 0.4 - t
      moonshotai/Kimi-K2.5 262144 - 0.45 2.25 0.07 - tjvr
      moonshotai/Kimi-K2.6 262144 - 0.75 3.5 0.15 - tjvr
      moonshotai/Kimi-K2.7-Code 262144 262144 0.68 3.4 0.136 - tjvr
      moonshotai/Kimi-K3 1048576 - 2.85 14.25 0.285 - tjvr
      nvidia/Llama-3.1-Nemotron-70B-Instruct 131072 131072 0.6 0.6 - - t
      nvidia/Llama-3.3-Nemotron-Super-49B-v1.5 131072 131072 0.1 0.4 - - tjr
      nvidia/NVIDIA-Nemotron-3-Super-120B-A12B 262144 - 0.085 0.4 - - tjr
      nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B 262144 - 0.5 2.2 0.1 - tjvr
      nvidia/NVIDIA-Nemotron-3.5-Lightning 262144 - 0.08 0.2 0.04 - tr
      nvidia/NVIDIA-Nemotron-Nano-9B-v2 131072 131072 0.04 0.16 - - t
      nvidia/Nemotron-3-Nano-30B-A3B 262144 262144 0.05 0.2 0.025 - tr!v
      nvidia/Nemotron-Content-Safety-3.5 131072 - 0.2 0.2 - - v
      openai/gpt-oss-120b 131072 131072 0.037 0.17 - - tjr
      openai/gpt-oss-120b-Turbo 131072 - 0.15 0.6 - - tjr
      openai/gpt-oss-120b-Ultra 131072 - 0.2 0.95 - - tjr
      openai/gpt-oss-20b 131072 131072 0.03 0.14 - - tjr
      stepfun-ai/Step-3.7-Flash 262144 262144 0.2 1.15 0.04 - tvr
      tencent/Hy3 262144 - 0.14 0.58 0.035 - tjr!v
      thinkingmachines/Inkling 524288 - 0.95 4.05 0.16 - tjvar
      thinkingmachines/Inkling-Small 524288 - 0.45 1.2 0.1 - tjvar
      zai-org/GLM-4.5 131072 131072 0.4 1.6 - - t
      zai-org/GLM-4.6 202752 - 0.5 2 0.1 - tjr!v
      zai-org/GLM-4.7 202752 - 0.4 1.75 0.08 - tjr!v
      zai-org/GLM-4.7-Flash 202752 - 0.06 0.4 0.01 - tjr!v
      zai-org/GLM-5 202752 - 0.6 2.08 0.12 - tjr!v
      zai-org/GLM-5.1 202752 - 1.05 3.5 0.205 - tjr!v
      zai-org/GLM-5.2 1048576 - 0.75 2.4 0.14 - tjr!v
      """),
    ModelSection(
      "deepseek",
      """
      deepseek-* - - - - - - tr
      deepseek-coder 128000 4096 0.14 0.28 0.014
      deepseek-flash 1000000 393216 0.15 0.6 0.003 - tpjvr peak=x2/1-4,6-10/1-5
      deepseek-r1 65536 8192 0.55 2.19 0.14
      deepseek-v3 65536 8192 0.27 1.1 0.07
      deepseek-v3.2 163840 163840 0.28 0.4 0.028
      deepseek-v4-flash 1000000 393216 0.15 0.6 0.003 - tpjvr peak=x2/1-4,6-10/1-5
      deepseek-v4-flash-vision-exp 1000000 393216 0.15 0.6 0.003 - tpjvr peak=x2/1-4,6-10/1-5
      deepseek-v4-pro 1000000 393216 0.66 1.98 0.022 - tpjr!v peak=x2/1-4,6-10/1-5
      """),
    ModelSection(
      "fireworks",
      """
      deepseek-v4p1-flash 1048576 393216 0.3 1.2 0.006 - tjvr @priority=x1.25
      deepseek-v4p1-flash-us 1048576 393216 0.45 1.8 0.009 - tjvr @priority=x1.25
      glm-4p7 202752 202800 0.6 2.2 0.3 - tjr
      glm-5p1 202752 131072 1.4 4.4 0.26 - tjr
      glm-5p1-fast 202800 131072 2.8 8.8 0.52 - tjr
      glm-5p3 1048576 128000 1.4 4.4 0.26 - tjr @priority=x1.25
      glm-5p3-fast 1048576 - 2.1 6.6 0.39 - tjr
      glm-5p3-flash 1048576 - 0.15 0.5 0.03 - tjv @priority=x1.25
      glm-5p3-flash-us 1048576 - 0.225 0.75 0.045 - tjv 2026-11-07 @priority=x1.25
      glm-5p3-us 1048576 128000 2.1 6.6 0.39 - tjr @priority=x1.25
      gpt-oss-120b 131072 32768 0.15 0.6 0.015 - tjr!v 2026-11-07 @priority=x1.2
      gpt-oss-20b 131072 32768 0.07 0.3 0.035 - tjr!v
      kimi-k2p5 262144 32768 0.6 3 0.1 - tj
      kimi-k3 1048576 131072 3 15 0.3 - tjvr @priority=x1.25
      kimi-k3-fast 1048576 131072 4.5 22.5 0.45 - tjvr
      kimi-k3-us 1048576 131072 4.5 22.5 0.45 - tjvr @priority=x1.25
      minimax-m2p1 196608 204800 0.3 1.2 0.03 - tj
      minimax-m3 512000 512000 0.3 1.2 0.06 - tjvr @priority=x1.5
      nemotron-3-ultra-nvfp4 262144 32768 0.6 2.4 0.12 - tjr!v 2026-11-07 @priority=x1.25,3
      nemotron-lightning-3p5-30b-a3b 262144 32768 0.05 0.2 0.01 - tjr!v 2026-11-07 @priority=x1.25
      qwen3p7-plus 262144 65536 0.4 1.6 0.08 - tjvr
      qwen3p8-max 262144 131072 2 6 0.25 - tjvr @priority=3,9,x1.5
      """),
    ModelSection(
      "friendli",
      """
      MiniMaxAI/MiniMax-M2.5 196608 196608 0.3 1.2 0.06 - tpjr!v
      deepseek-ai/DeepSeek-V3.2 163840 163840 0.5 1.5 0.25 - tpjr!v
      google/gemma-4-31B-it 262144 262144 0.14 0.4 - - tpjvr
      zai-org/GLM-5.1 202752 202752 1.4 4.4 0.26 - tpjr!v
      zai-org/GLM-5.2 1048576 1048576 1.4 4.4 0.26 - tpjr!v
      zai-org/GLM-5.3 1048576 1048576 1.26 3.96 0.234 - tpjr
      zai-org/GLM-5.3-Flash 1048576 1048576 0.15 0.5 0.03 - tpjvr
      """),
    ModelSection(
      "gemini",
      """
      gemini-* - - - - - - - @batch=x0.5 @flex=x0.5 @priority=x1.8 search=14
      gemini-2.5* - - - - - - - search=35
      gemini-3.5-flash-lite* - - - - - - - no=temperature,top_p,top_k,penalties,prefill
      gemini-3.6* - - - - - - - no=temperature,top_p,top_k,penalties,prefill
      gemini-3.7* - - - - - - - no=temperature,top_p,top_k,penalties,prefill
      gemini-3.8* - - - - - - - no=temperature,top_p,top_k,penalties,prefill
      deep-research-max-preview-04-2026 1048576 65536 2 12 0.2 - vafr search=35 >200000=x2,x1.5
      deep-research-preview-04-2026 1048576 65536 2 12 0.2 - vafr search=35 >200000=x2,x1.5
      deep-research-pro-preview-12-2025 1048576 65536 2 12 - - jvfc 2026-10-23>deep-research-preview-04-2026 search=35
      gemini-2.5-flash 1048576 65536 0.3 2.5 0.03 - tpjvafr 2026-12-01>gemini-3.5-flash-lite audio=1
      gemini-2.5-flash-lite 1048576 65536 0.1 0.4 0.01 - tpjvafr audio=0.3
      gemini-2.5-pro 1048576 65536 1.25 10 0.125 - tjvafr 2026-12-01>gemini-3.8-flash >200000=x2,x1.5
      gemini-2.5-pro-preview-tts 8192 16384 1 20 0.125 - !tv 2026-11-17 audio=0.7,20
      gemini-3-flash-preview 1048576 65536 0.5 3 0.05 - tpjvafr audio=1
      gemini-3.1-flash-lite 1048576 65536 0.25 1.5 0.025 - tpjvafr 2027-05-07>gemini-3.5-flash-lite audio=0.5
      gemini-3.1-pro-preview 1048576 65536 2 12 0.2 - tjvafr >200000=x2,x1.5
      gemini-3.1-pro-preview-customtools 1048576 65536 2 12 0.2 - tjvafr >200000=x2,x1.5
      gemini-3.5-flash 1048576 65536 1.5 9 0.15 - tpjvafr audio=1.5
      gemini-3.5-flash-lite 1048576 65536 0.3 2.5 0.03 - tpjvafr
      gemini-3.6-flash 1048576 65536 0.75 3.75 0.075 - tpjvafr
      gemini-3.7-flash 1048576 65536 0.75 3.75 0.075 - tpjvafr
      gemini-3.8-flash 1048576 65536 0.75 3.75 0.075 - tpjvafr
      gemini-4-argon 1048576 1048576 2 10 0.1 - tpjvafr
      gemini-embedding-001 2048 3072 0.15 - - - e 2028-05-14>gemini-embedding-2
      gemini-embedding-2 8192 3072 0.2 - - - e audio=6.5
      gemini-embedding-2-preview 8192 3072 0.2 - - - e 2026-11-06>gemini-embedding-2 audio=6.5
      gemini-flash-latest 1048576 65536 0.75 3.75 0.075 - tpjvafr
      gemini-flash-lite-latest 1048576 65536 0.3 2.5 0.03 - tpjvafr
      gemini-omni-1.1-flash 1048576 65536 1.5 9 - - var 2026-12-03 audio=1.5
      gemini-omni-flash-preview 131072 65536 1.5 9 - - var 2026-10-22 audio=1.5
      gemini-pro-latest 1048576 65536 2 12 0.2 - tjvafr >200000=x2,x1.5
      gemini-robotics-er-2-preview 131072 65536 1 5 0.1 - tpjvafr audio=1
      gemini-robotics-er-2-streaming-preview 131072 65536 1 5 - - tvar audio=1
      gemma-3-27b-it 131072 8192 0 0 - - tjv
      gemma-4-26b-a4b-it 262144 32768 0 0 - - tjvr
      gemma-4-31b-it 262144 32768 0 0 - - tjvr
      """),
    ModelSection(
      "groq",
      """
      llama-3.1-8b-instant 131072 131072 0.05 0.08 - - t
      llama-3.3-70b-versatile 131072 32768 0.59 0.79 - - t
      meta-llama/llama-prompt-guard-2-22m 512 512 0.03 0.03
      meta-llama/llama-prompt-guard-2-86m 512 512 0.04 0.04
      openai/gpt-oss-120b 131072 65536 0.15 0.6 0.075 - tpjr search=5
      openai/gpt-oss-20b 131072 65536 0.075 0.3 0.0375 - tpjr search=5
      openai/gpt-oss-safeguard-20b 131072 65536 0.075 0.3 0.037 - tjr search=5
      qwen/qwen3.8-27b 131072 16384 0.8 4 - - tjvr
      """),
    ModelSection(
      "hyperbolic",
      """
      NousResearch/Hermes-3-Llama-3.1-70B 32768 32768 0.12 0.3 - - tp
      Qwen/QwQ-32B 131072 131072 0.2 0.2 - - tp
      Qwen/Qwen2.5-72B-Instruct 131072 131072 0.12 0.3 - - tp
      Qwen/Qwen2.5-Coder-32B-Instruct 32768 32768 0.12 0.3 - - tp
      Qwen/Qwen3-235B-A22B 131072 131072 2 2 - - tp
      deepseek-ai/DeepSeek-R1 32768 32768 0.4 0.4 - - tp
      deepseek-ai/DeepSeek-R1-0528 131072 131072 0.25 0.25 - - tp
      deepseek-ai/DeepSeek-V3 32768 32768 0.2 0.2 - - tp
      deepseek-ai/DeepSeek-V3-0324 32768 32768 0.4 0.4 - - tp
      meta-llama/Llama-3.2-3B-Instruct 32768 32768 0.12 0.3 - - tp
      meta-llama/Llama-3.3-70B-Instruct 131072 131072 0.12 0.3 - - tp
      meta-llama/Meta-Llama-3-70B-Instruct 131072 131072 0.12 0.3 - - tp
      meta-llama/Meta-Llama-3.1-405B-Instruct 32768 32768 0.12 0.3 - - tp
      meta-llama/Meta-Llama-3.1-70B-Instruct 32768 32768 0.12 0.3 - - tp
      meta-llama/Meta-Llama-3.1-8B-Instruct 32768 32768 0.12 0.3 - - tp
      moonshotai/Kimi-K2-Instruct 131072 131072 2 2 - - tp
      """),
    ModelSection(
      "inception",
      """
      mercury-2 128000 50000 0.25 0.75 0.025 - tjr
      mercury-2.5 260000 65536 0.2 0.75 0.02 - tj
      """),
    ModelSection(
      "jina",
      """
      jina-reranker-m0 10240 - 0.05 - - - k
      jina-reranker-v3.5 131072 - 0.05 - - - k
      """),
    ModelSection(
      "meta",
      """
      muse-spark-1.1 1048576 - 1.25 4.25 0.15 - tpjvfr search=2.5
      muse-spark-1.2 1048576 131072 1.25 4.25 0.15 - tpjvafr search=2.5
      muse-spark-1.2-contributor 1048576 131072 0.1 0.2 0.002 - tpjvafr search=2.5
      muse-spark-1.3 1048576 131072 1.25 4.25 0.15 - tpjvfr search=2.5
      muse-spark-1.3-contributor 1048576 131072 0.1 0.2 0.002 - tpjvfr search=2.5
      muse-wonder-1.0 1048576 131072 4 20 0.2 - tpjvfr search=2.5
      """),
    ModelSection(
      "minimax",
      """
      MiniMax-M2 200000 8192 0.3 1.2 0.03 0.375 tr
      MiniMax-M2.1 204800 8192 0.3 1.2 0.03 0.375 tr
      MiniMax-M2.1-highspeed 204800 - 0.6 2.4 0.03 0.375
      MiniMax-M2.5 204800 8192 0.3 1.2 0.03 0.375 tr
      MiniMax-M3 1000000 128000 0.3 1.2 0.06 - tvr >512000=x2
      MiniMax-M3.1-Flash 1000000 - 0.15 0.6 0.015
      """),
    ModelSection(
      "mistral",
      """
      codestral-2508 256000 128000 0.3 0.9 0.03 - tj
      codestral-embed 8192 - 0.15 - 0.015 - e
      codestral-embed-2505 8000 - 0.15 - 0.015 - e
      codestral-latest 256000 128000 0.3 0.9 0.03 - tj
      codestral-mamba-latest 256000 256000 0.25 0.25 0.025
      deepseek-v4-1-flash-1017 1048576 131072 0.3 1.2 0.007 - tjvr
      devstral-latest 256000 256000 0.4 2 0.04 - tj
      devstral-medium-latest 256000 256000 0.4 2 0.04 - tj
      devstral-small-latest 256000 256000 0.1 0.3 0.01 - tjr
      glm-5-2 1048576 131072 1.4 4.4 0.14 - tjr
      labs-leanstral-1-5-1 262144 131072 0 0 - - tj
      magistral-medium-latest 262144 262144 1.5 7.5 0.15 - tjvr
      magistral-small-latest 262144 262144 0.15 0.6 0.015 - tjvr
      ministral-14b-2512 262144 262144 0.2 0.2 0.02 - tjv
      ministral-14b-latest 262144 262144 0.2 0.2 0.02 - tjv
      ministral-3-14b-2512 262144 262144 0.2 0.2 0.02 - tjv
      ministral-3-3b-2512 131072 131072 0.1 0.1 0.01 - tjv
      ministral-3-8b-2512 262144 262144 0.15 0.15 0.015 - tjv
      ministral-3b-2512 131072 131072 0.1 0.1 0.01 - tjv
      ministral-3b-latest 131072 131072 0.1 0.1 0.01 - tjv
      ministral-8b-2512 262144 262144 0.15 0.15 0.015 - tjv
      ministral-8b-latest 262144 262144 0.15 0.15 0.015 - tjv
      mistral-code-agent-latest 256000 256000 0.4 2 0.04 - tjr
      mistral-code-fim-latest 128000 128000 0.3 0.9 0.03 - tj
      mistral-code-latest 128000 128000 0.3 0.9 0.03 - tj
      mistral-embed 8192 - 0.1 0.1 0.01 - e
      mistral-embed-2312 8192 - 0.1 0.1 - - e
      mistral-large-2512 262144 262144 0.5 1.5 0.05 - tjv 2027-04-30
      mistral-large-3 262144 262144 0.5 1.5 0.05 - tjv
      mistral-large-4 1048576 - 0.7 2.1 0.07 - tjvr
      mistral-large-4-0 1048576 - 0.7 2.1 0.07 - tjvr
      mistral-large-latest 262144 262144 0.5 1.5 0.05 - tjv
      mistral-medium 262144 262144 1.5 7.5 0.15 - tjvr
      mistral-medium-2604 262144 262144 1.5 7.5 0.15 - tjvr
      mistral-medium-3 262144 262144 1.5 7.5 0.15 - tjvr
      mistral-medium-3-5 262144 262144 1.5 7.5 0.15 - tjvr 2027-04-30
      mistral-medium-3.5 262144 262144 1.5 7.5 0.15 - tjvr
      mistral-small 32000 8191 0.1 0.3 0.01 - tjr
      mistral-small-2603 262144 262144 0.15 0.6 0.015 - tjvr
      mistral-small-latest 262144 262144 0.15 0.6 0.015 - tjvr
      mistral-tiny 32000 8191 0.25 0.25 0.025 - j
      mistral-vibe-cli-fast 262144 262144 0.15 0.6 0.015 - tjvr
      mistral-vibe-cli-latest 262144 262144 1.5 7.5 0.15 - tjvr
      mistral-vibe-cli-with-tools 262144 262144 1.5 7.5 0.15 - tjvr
      open-mistral-nemo 128000 128000 0.15 0.15 0.03 - tj
      pixtral-large-latest 128000 128000 2 6 0.2 - tjv
      voxtral-small-2507 32768 32768 0.1 0.4 0.01 - tja
      voxtral-small-latest 32768 32768 0.1 0.4 0.01 - tja
      zai-glm-5 1048576 131072 1.4 4.4 0.14 - tjr
      zai-glm-5-2 1048576 131072 1.4 4.4 0.14 - tjr 2026-10-31
      zai-glm-5-3 1048576 131072 1.4 4.4 0.14 - tjr
      zai-glm-5-3-flash 1048576 131072 0.15 0.5 0.03 - tjvr
      zai-glm-latest 1048576 131072 1.4 4.4 0.14 - tjr
      """),
    ModelSection(
      "moonshot",
      """
      kimi-k2.6 262144 262144 0.95 4 0.16 - tjvr
      kimi-k2.7-code 262144 262144 0.95 4 0.19 - tjvr
      kimi-k2.7-code-highspeed 262144 262144 1.9 8 0.38 - tjvr
      kimi-k3 1048576 1048576 3 15 0.3 3 tjvr long=x2
      kimi-k3.1-pro 1048576 1048576 2 10 0.2 2 tjvr long=x2
      kimi-k3.1-pro-highspeed 1048576 1048576 4 20 0.2 4 tjvr long=x2
      """),
    ModelSection(
      "nebius",
      """
      BAAI/bge-en-icl 32768 - 0.01 - - - e
      BAAI/bge-multilingual-gemma2 8192 - 0.01 - - - e
      MiniMaxAI/MiniMax-M2.5 196608 196608 0.3 1.2 0.03 0.375 tjr
      MiniMaxAI/MiniMax-M3 1048576 1048576 0.3 1.2 0.06 - tvr
      NousResearch/Hermes-3-Llama-3.1-405B 128000 128000 1 3 - - t
      NousResearch/Hermes-4-405B 131072 131072 1 3 - 1.25 tjr
      NousResearch/Hermes-4-70B 131072 131072 0.13 0.4 0.013 0.16 tjr
      Qwen/QwQ-32B 32768 32768 0.15 0.45 - - tr
      Qwen/Qwen2-VL-72B-Instruct 131072 131072 0.13 0.4 - - tv
      Qwen/Qwen2-VL-7B-Instruct 131072 131072 0.02 0.06 - - v
      Qwen/Qwen2.5-32B-Instruct 128000 128000 0.06 0.2 - - t
      Qwen/Qwen2.5-72B-Instruct 128000 128000 0.13 0.4 - - t
      Qwen/Qwen2.5-Coder-7B 32768 32768 0.01 0.03 - - t
      Qwen/Qwen2.5-VL-72B-Instruct 32000 32000 0.25 0.75 0.025 0.31 tjv
      Qwen/Qwen3-14B 32768 32768 0.08 0.24 - - t
      Qwen/Qwen3-235B-A22B 262144 262144 0.2 0.6 - - t
      Qwen/Qwen3-235B-A22B-Instruct-2507 262144 262144 0.2 0.6 0.05 - t
      Qwen/Qwen3-30B-A3B 32768 32768 0.1 0.3 - - t
      Qwen/Qwen3-30B-A3B-Instruct-2507 262144 262144 0.1 0.3 - 0.125 tj
      Qwen/Qwen3-32B 40960 40960 0.1 0.3 0.01 0.125 tj
      Qwen/Qwen3-4B 32768 32768 0.08 0.24 - - t
      Qwen/Qwen3-Embedding-8B 40960 - 0.01 0 - - e
      Qwen/Qwen3-Next-80B-A3B-Thinking 128000 128000 0.15 1.2 0.015 0.18 tjr
      Qwen/Qwen3.5-397B-A17B 262144 262144 0.6 3.6 - 0.75 tjr
      Qwen/Qwen3.8-27B 262144 - 0.45 3 0.1 - tr
      deepseek-ai/DeepSeek-R1 128000 128000 0.8 2.4 - - tr
      deepseek-ai/DeepSeek-R1-0528 164000 164000 0.8 2.4 - - tr
      deepseek-ai/DeepSeek-R1-Distill-Llama-70B 128000 128000 0.25 0.75 - - t
      deepseek-ai/DeepSeek-V3 128000 128000 0.5 1.5 - - t
      deepseek-ai/DeepSeek-V4-Flash 1048576 1048576 0.14 0.28 0.14 - tjr
      deepseek-ai/DeepSeek-V4-Flash-0731 1024000 1024000 0.14 0.28 0.01 - tr
      deepseek-ai/DeepSeek-V4-Pro 1048576 1048576 1.75 3.5 - - tjr
      deepseek-ai/DeepSeek-V4-Pro-0813 979000 - 1.32 3.96 0.04 - tr
      deepseek-ai/DeepSeek-V4.1-Flash 1048000 384000 0.3 1.2 0.01 - tvr
      google/gemma-3-27b-it 110000 110000 0.1 0.3 - 0.125 tjv
      intfloat/e5-mistral-7b-instruct 32768 - 0.01 - - - e
      meta-llama/Llama-3.3-70B-Instruct 131072 131072 0.13 0.4 0.013 0.16 tj
      meta-llama/Llama-Guard-3-8B 128000 128000 0.02 0.06
      meta-llama/Meta-Llama-3.1-405B-Instruct 128000 128000 1 3 - - t
      meta-llama/Meta-Llama-3.1-70B-Instruct 128000 128000 0.13 0.4 - - t
      meta-llama/Meta-Llama-3.1-8B-Instruct 128000 128000 0.02 0.06 - - t
      mistralai/Mistral-Nemo-Instruct-2407 128000 128000 0.04 0.12 - - t
      moonshotai/Kimi-K2.6 262144 262144 0.95 4 0.16 - tvr
      moonshotai/Kimi-K2.7-Code 262144 262144 0.95 4 0.15 - tjvr
      moonshotai/Kimi-K3 1024000 1024000 3 15 - - tjvr
      nvidia/Cosmos3-Super-Reasoner 262144 262144 0.1 0.3 - - tvr
      nvidia/Llama-3.1-Nemotron-Ultra-253B-v1 128000 128000 0.6 1.8 - - t
      nvidia/Llama-3.3-Nemotron-Super-49B-v1 131072 131072 0.1 0.4 - - t
      nvidia/Llama-3_1-Nemotron-Ultra-253B-v1 131072 131072 0.6 1.8 0.06 0.75 tjr
      nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B 262144 262144 0.06 0.24 - 0.075 tjr
      nvidia/Nemotron-3-Nano-Omni 262144 262144 0.06 0.24 0.006 0.075 tjvr
      nvidia/Nemotron-3-Ultra-550b-a55b 1048576 1048576 1 3 0.12 - tr
      nvidia/Nemotron-3_5-Lightning 1048576 1048576 0.06 0.24 0.03 - tr
      nvidia/nemotron-3-super-120b-a12b 262144 262144 0.3 0.9 0.06 - tjr
      openai/gpt-oss-120b 131072 131072 0.15 0.6 - 0.18 tjr
      openbmb/MiniCPM-V-4_5 32000 32000 0.658 1.11 0.13 - v
      reflection/beam 1048576 - 0.25 1 0.05 - tr
      zai-org/GLM-5.1 202752 202752 1.4 4.4 0.26 - tr
      zai-org/GLM-5.2 1048576 1048576 1.4 4.4 0.14 - tjr
      zai-org/GLM-5.3 1024000 - 1.4 4.4 0.26 - tr
      zai-org/GLM-5.3-Flash 1024000 1024000 0.15 0.5 0.03 - tvr
      """),
    ModelSection(
      "novita",
      """
      Sao10K/L3-8B-Stheno-v3.2 8192 32000 0.05 0.05 - - tp
      baai/bge-m3 8192 - 0.01 - - - e
      baichuan/baichuan-m2-32b 131072 131072 0.07 0.07
      baidu/cobuddy 131072 65536 0.28 1.13 0.07 - tr
      baidu/ernie-4.5-21B-a3b 120000 8000 0.07 0.28 - - tp
      baidu/ernie-4.5-21B-a3b-thinking 131072 65536 0.07 0.28 - - r
      baidu/ernie-4.5-300b-a47b-paddle 123000 12000 0.28 1.1 - - j
      baidu/ernie-4.5-vl-28b-a3b 30000 8000 0.14 0.56 - - tpvr
      baidu/ernie-4.5-vl-28b-a3b-thinking 131072 65536 0.39 0.39 - - tpjvr
      baidu/ernie-4.5-vl-424b-a47b 123000 16000 0.42 1.25 - - vr
      deepseek/deepseek-ocr 8192 8192 0.03 0.03 - - jv
      deepseek/deepseek-ocr-2 8192 8192 0.03 0.03 - - v
      deepseek/deepseek-prover-v2-671b 160000 160000 0.7 2.5
      deepseek/deepseek-r1 64000 16000 4 4 - - tr
      deepseek/deepseek-r1-0528 163840 32768 0.7 2.5 0.35 - tpjr
      deepseek/deepseek-r1-0528-qwen3-8b 128000 32000 0.06 0.09 - - r
      deepseek/deepseek-r1-distill-llama-70b 8192 8192 0.8 0.8 - - jr
      deepseek/deepseek-r1-distill-qwen-14b 32768 16384 0.15 0.15 - - jr
      deepseek/deepseek-r1-distill-qwen-32b 64000 32000 0.3 0.3 - - jr
      deepseek/deepseek-r1-turbo 64000 16000 0.7 2.5 - - tpjr
      deepseek/deepseek-r1/community 64000 8000 4 4 - - tr
      deepseek/deepseek-v3-0324 163840 65536 0.27 1.12 0.135 - tpj
      deepseek/deepseek-v3-turbo 64000 16000 0.4 1.3 - - tp
      deepseek/deepseek-v3.1 131072 32768 0.27 1 0.135 - tpjr
      deepseek/deepseek-v3.1-terminus 131072 32768 0.27 1 0.135 - tpjr
      deepseek/deepseek-v3.2 163840 65536 0.269 0.4 0.1345 - tpjr
      deepseek/deepseek-v3.2-exp 163840 65536 0.27 0.41 - - tpjr
      deepseek/deepseek-v4-flash 1048576 393216 0.14 0.28 0.028 - tjr!v
      deepseek/deepseek-v4-flash-0731 1048576 393216 0.44 1.32 0.028 - tjr
      deepseek/deepseek-v4-flash-vision-exp 1048576 393216 0.44 1.32 0.028 - tjvr
      deepseek/deepseek-v4-pro 1048576 393216 1.6 3.2 0.135 - tjr!v
      deepseek/deepseek-v4-pro-0813 1048576 393216 1.32 3.96 0.044 - tjr
      deepseek/deepseek_v3 64000 16000 0.89 0.89 - - t
      google/gemma-3-12b-it 131072 8192 0.05 0.1 - - jv
      google/gemma-3-27b-it 98304 16384 0.119 0.2 - - v
      google/gemma-4-26b-a4b-it 262144 131072 0.13 0.4 - - tjvr
      google/gemma-4-31b-it 262144 131072 0.14 0.4 - - tjvr
      gryphe/mythomax-l2-13b 4096 3200 0.09 0.09
      inclusionai/ling-3.0-flash 262144 32768 0.06 0.18 0.012 - tr
      inclusionai/ling-3.0-flash-fast 262144 32768 0.06 0.18 0.012 - tr
      kwaipilot/kat-coder-pro 256000 128000 0.3 1.2 0.06 - tpj
      meta-llama/llama-3-70b-instruct 8192 8000 0.51 0.74 - - j
      meta-llama/llama-3-8b-instruct 8192 8192 0.04 0.04 - - j
      meta-llama/llama-3.1-8b-instruct 16384 16384 0.02 0.05 - - j
      meta-llama/llama-3.2-1b-instruct 131000 32000 0.02 0.02 - - j
      meta-llama/llama-3.2-3b-instruct 32768 32000 0.03 0.05 - - tp
      meta-llama/llama-3.3-70b-instruct 12288 12288 0.135 0.4 - - tpj
      meta-llama/llama-4-maverick-17b-128e-instruct-fp8 1048576 8192 0.27 0.85 - - jv
      meta-llama/llama-4-scout-17b-16e-instruct 131072 131072 0.18 0.59 - - v
      microsoft/wizardlm-2-8x22b 65535 8000 0.62 0.62 - - j
      mindai/macaron-v1-tall 262144 32768 0.2475 1.43 0.044 - tr
      mindai/macaron-v1-venti 1048576 131072 0.825 2.475 0.165 - tr
      minimax/minimax-m2 204800 131072 0.3 1.2 0.03 - tpjr
      minimax/minimax-m2.1 204800 131072 0.3 1.2 0.03 - tpj
      minimax/minimax-m2.5 204800 131100 0.3 1.2 0.03 - tjr!v
      minimax/minimax-m2.5-highspeed 204800 131100 0.6 2.4 0.03 - tjr!v
      minimax/minimax-m2.7 204800 131072 0.3 1.2 0.06 - tjr!v
      minimax/minimax-m2.7-highspeed 204800 131072 0.6 2.4 0.06 0.375 tjr!v
      minimax/minimax-m3 1000000 131072 0.3 1.2 0.06 - tjvr >524288=x2
      minimaxai/minimax-m1-80k 1000000 40000 0.55 2.2 - - tpjr
      mistralai/mistral-nemo 60288 16000 0.04 0.17 - - j
      moonshotai/kimi-k2-0905 262144 100352 0.6 2.5 - - tpj
      moonshotai/kimi-k2-instruct 131072 100352 0.57 2.3 - - tpj
      moonshotai/kimi-k2-thinking 262144 100352 0.6 2.5 0.15 - tpjr
      moonshotai/kimi-k2.5 262144 262144 0.6 3 0.1 - tjvr
      moonshotai/kimi-k2.6 262144 262144 0.8 3.4 0.16 - tjvr
      moonshotai/kimi-k2.7-code 262144 262144 0.95 4 0.19 - tjvr
      moonshotai/kimi-k3 1048576 1048576 3 15 0.3 - tjvr
      nousresearch/hermes-2-pro-llama-3-8b 8192 8192 0.14 0.14 - - j
      nvidia/nemotron-3-nano-30b-a3b 262144 32768 0.05 0.2 - - tjr
      openai/gpt-oss-120b 131072 32768 0.05 0.25 - - tpjr
      openai/gpt-oss-20b 131072 32768 0.04 0.15 - - jr
      paddlepaddle/paddleocr-vl 16384 16384 0.02 0.02 - - v
      qwen/qwen-2.5-72b-instruct 32000 8192 0.38 0.4 - - tpj
      qwen/qwen-mt-plus 16384 8192 0.25 0.75
      qwen/qwen2.5-7b-instruct 32000 8192 0.07 0.07 - - tpj
      qwen/qwen2.5-vl-72b-instruct 32768 32768 0.8 0.8 - - v
      qwen/qwen3-235b-a22b-fp8 40960 20000 0.2 0.8 - - jr
      qwen/qwen3-235b-a22b-instruct-2507 131072 16384 0.09 0.58 - - tpj
      qwen/qwen3-235b-a22b-thinking-2507 131072 32768 0.3 3 - - tpr
      qwen/qwen3-30b-a3b-fp8 40960 20000 0.09 0.45 - - tr
      qwen/qwen3-32b-fp8 40960 20000 0.1 0.45 - - r
      qwen/qwen3-4b-fp8 128000 8192 0.03 0.03 - - tr
      qwen/qwen3-8b-fp8 128000 20000 0.035 0.138 - - r
      qwen/qwen3-coder-30b-a3b-instruct 160000 32768 0.07 0.27 - - tpj
      qwen/qwen3-coder-480b-a35b-instruct 262144 65536 0.38 1.55 - - tpj
      qwen/qwen3-coder-next 262144 65536 0.2 1.5 - - tj!v
      qwen/qwen3-embedding-0.6b 32768 - 0.07 - - - e
      qwen/qwen3-embedding-8b 32768 - 0.07 - - - e
      qwen/qwen3-max 262144 65536 2.11 8.45 - - tpj
      qwen/qwen3-next-80b-a3b-instruct 131072 32768 0.15 1.5 - - tpjr
      qwen/qwen3-next-80b-a3b-thinking 131072 32768 0.15 1.5 - - tpjr
      qwen/qwen3-omni-30b-a3b-instruct 65536 16384 0.25 0.97 - - tpjva audio=2.2,1.788
      qwen/qwen3-omni-30b-a3b-thinking 65536 16384 0.25 0.97 - - tpjvar audio=2.2,1.788
      qwen/qwen3-vl-235b-a22b-instruct 131072 32768 0.3 1.5 - - tpjv
      qwen/qwen3-vl-235b-a22b-thinking 131072 32768 0.98 3.95 - - tvr
      qwen/qwen3-vl-30b-a3b-instruct 131072 32768 0.2 0.7 - - tpjv
      qwen/qwen3-vl-30b-a3b-thinking 131072 32768 0.2 1 - - tpjv
      qwen/qwen3-vl-8b-instruct 131072 32768 0.08 0.5 - - tpjv
      qwen/qwen3.5-122b-a10b 262144 65536 0.4 3.2 - - tjvr
      qwen/qwen3.5-27b 262144 65536 0.3 2.4 - - tjvr
      qwen/qwen3.5-35b-a3b 262144 65536 0.25 2 - - tjvr
      qwen/qwen3.5-397b-a17b 262144 65536 0.6 3.6 - - tjvr
      qwen/qwen3.6-27b 262144 65536 0.6 3.6 - - tjvr
      qwen/qwen3.6-35b-a3b 262144 65536 0.248 1.485 - - tjvr
      qwen/qwen3.7-max 1000000 65536 1.25 3.75 0.25 1.5625 tjr!v
      qwen/qwen3.8-max 1000000 131072 2 6 0.25 - tjvr
      sao10K/L3-8B-stheno-v3.2 8192 32000 0.05 0.05 - - t
      sao10K/l3-70b-euryale-v2.1 8192 8192 1.48 1.48 - - t
      sao10K/l3-8b-lunaris 8192 8192 0.05 0.05 - - j
      sao10K/l31-70b-euryale-v2.2 8192 8192 1.48 1.48 - - t
      sao10k/l3-70b-euryale-v2.1 8192 8192 1.48 1.48 - - tp
      sao10k/l3-8b-lunaris 8192 8192 0.05 0.05 - - j
      sao10k/l31-70b-euryale-v2.2 8192 8192 1.48 1.48 - - tp
      skywork/r1v4-lite 262144 65536 0.2 0.6 - - jv
      stepfun/step-3.7-flash 262144 256000 0.2 1.15 0.04 - tjvr
      tencent/hy3 262144 262144 0.14 0.58 0.035 - tjr
      thudm/glm-4-32b-0414 32000 32000 0.55 1.66 - - tj
      xiaomimimo/mimo-v2-flash 262144 32000 0.11 0.33 0.024 - tpjr
      xiaomimimo/mimo-v2.5 1048576 131072 0.168 0.336 0.0034 - tjvr
      xiaomimimo/mimo-v2.5-pro 1048576 131072 0.522 1.044 0.0043 - tjr!v
      zai-org/autoglm-phone-9b-multilingual 65536 65536 0.035 0.138 - - v
      zai-org/glm-4.5 131072 98304 0.6 2.2 0.11 - tpr
      zai-org/glm-4.5-air 131072 98304 0.13 0.85 0.025 - tpr
      zai-org/glm-4.5v 65536 16384 0.6 1.8 0.11 - tpjvr
      zai-org/glm-4.6 204800 131072 0.55 2.2 0.11 - tpjr
      zai-org/glm-4.6v 131072 32768 0.3 0.9 0.055 - tpjvr
      zai-org/glm-4.7 204800 131072 0.6 2.2 0.11 - tpjr
      zai-org/glm-4.7-flash 200000 128000 0.07 0.4 0.01 - tjr!v
      zai-org/glm-4.7-h 204800 131072 0.6 2.2 0.11 - tjr
      zai-org/glm-5 202800 131072 1 3.2 0.2 - tjr!v
      zai-org/glm-5-turbo 202800 131072 1.2 4 0.24 - tjr
      zai-org/glm-5.1 204800 131072 1.38 4.4 0.26 - tjr!v
      zai-org/glm-5.2 1048576 131072 1.4 4.4 0.26 - tjr!v
      zai-org/glm-5.3 1048576 131072 1.4 4.4 0.26 - tjr
      zai-org/glm-5v-turbo 204800 131072 1.2 4 0.24 - tjvr
      """),
    ModelSection(
      "nscale",
      """
      Qwen/QwQ-32B - - 0.18 0.2
      Qwen/Qwen2.5-Coder-32B-Instruct - - 0.06 0.2
      Qwen/Qwen2.5-Coder-3B-Instruct - - 0.01 0.03
      Qwen/Qwen2.5-Coder-7B-Instruct - - 0.01 0.03
      deepseek-ai/DeepSeek-R1-Distill-Llama-70B - - 0.375 0.375
      deepseek-ai/DeepSeek-R1-Distill-Llama-8B - - 0.025 0.025
      deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B - - 0.09 0.09
      deepseek-ai/DeepSeek-R1-Distill-Qwen-14B - - 0.07 0.07
      deepseek-ai/DeepSeek-R1-Distill-Qwen-32B - - 0.15 0.15
      deepseek-ai/DeepSeek-R1-Distill-Qwen-7B - - 0.2 0.2
      meta-llama/Llama-3.1-8B-Instruct - - 0.03 0.03
      meta-llama/Llama-3.3-70B-Instruct - - 0.2 0.2
      meta-llama/Llama-4-Scout-17B-16E-Instruct - - 0.09 0.29
      mistralai/mixtral-8x22b-instruct-v0.1 - - 0.6 0.6
      """),
    ModelSection(
      "ollama",
      """
      deepseek-v3.1:671b-cloud 163840 163840 0 0 - - t
      gpt-oss:120b-cloud 131072 131072 0 0 - - t
      gpt-oss:20b-cloud 131072 131072 0 0 - - t
      qwen3-coder:480b-cloud 262144 262144 0 0 - - t
      """),
    ModelSection(
      "openai",
      """
      gpt-3.5-turbo* - - - - - - !vaf
      gpt-4* - - - - - - - @batch=x0.5
      gpt-5* - - - - - - - thinking_no=sampling effort=medium,minimal,low,high @batch=x0.5 @flex=x0.5 @priority=x2 search=10
      gpt-5.1* - - - - - - - effort=none,low,medium,high
      gpt-5.2* - - - - - - - effort=none,low,medium,high,xhigh
      gpt-5.3* - - - - - - - effort=medium,none,low,high,xhigh
      gpt-5.4* - - - - - - T effort=none,low,medium,high,xhigh
      gpt-5.5* - - - - - - T effort=medium,none,low,high,xhigh
      gpt-5.6* - - - - - - T effort=medium,none,low,high,xhigh long=x2.5 >272000=x2,x1.5
      gpt-6* - - - - - - Ttpjvfr thinking_no=sampling effort=medium,none,low,high,xhigh,max @batch=x0.5 @flex=x0.5 @priority=x2 long=x2.5 >272000=x2,x1.5 search=10
      o1* - - - - - - - thinking_no=sampling effort=medium,low,high @batch=x0.5
      o3* - - - - - - - thinking_no=sampling effort=medium,low,high @batch=x0.5
      o4* - - - - - - - thinking_no=sampling effort=medium,low,high @batch=x0.5
      chat-latest 400000 128000 5 30 0.5 - Ttpjvfr effort=medium
      daybreak-blue-latest 1050000 128000 4 20 0.4 5 Ttpjvfr >272000=x2,x1.5
      daybreak-red-latest 400000 128000 12.5 75 1.25 15.625 Ttpjvfr >272000=x2,x1.5
      ft:gpt-3.5-turbo 16385 4096 3 6 - - - 2026-10-23>gpt-5.6-terra
      ft:gpt-3.5-turbo-0613 4096 4096 3 6 - - - 2026-10-23
      ft:gpt-4-0613 8192 4096 30 60 - - t 2026-10-23>gpt-5.6-sol
      ft:gpt-4.1-2025-04-14 1047576 32768 3 12 0.75 - tpj 2027-01-14>gpt-6-luna
      ft:gpt-4.1-mini-2025-04-14 1047576 32768 0.8 3.2 0.2 - tpj 2027-01-14>gpt-6-luna
      ft:gpt-4.1-nano-2025-04-14 1047576 32768 0.2 0.8 0.05 - tpj 2026-10-23>gpt-5.6-luna
      ft:gpt-4o-2024-08-06 128000 16384 3.75 15 1.875 - tpjvf 2027-01-14>gpt-6-luna
      ft:gpt-4o-2024-11-20 128000 16384 3.75 15 1.875 - tpjf 2027-01-14>gpt-6-luna
      ft:gpt-4o-mini-2024-07-18 128000 16384 0.3 1.2 0.15 - tpjf 2027-01-14>gpt-6-luna
      ft:o4-mini-2025-04-16 200000 100000 4 16 1 - tjr 2026-10-23>gpt-5.6-terra
      gpt-3.5-turbo 16385 4096 0.5 1.5 - - tc 2026-10-23>gpt-5.6-terra
      gpt-3.5-turbo-0125 16385 4096 0.5 1.5 - - tpc 2026-10-23>gpt-5.6-terra
      gpt-3.5-turbo-16k 16385 4096 3 4 - - c 2026-10-23
      gpt-4 8192 4096 30 60 - - tc 2026-10-23>gpt-5.6-sol
      gpt-4-1106-preview 128000 4096 10 30 - - tpc 2026-10-23>gpt-5.6-sol
      gpt-4-turbo 128000 4096 10 30 - - tpvfc 2026-10-23>gpt-5.6-sol
      gpt-4.1 1047576 32768 2 8 0.5 - tpjvf 2027-01-14>gpt-6-luna @priority=x1.75,14
      gpt-4.1-mini 1047576 32768 0.4 1.6 0.1 - tpjvf 2027-01-14>gpt-6-luna @priority=x1.75
      gpt-4.1-nano 1047576 32768 0.1 0.4 0.025 - tpjvf 2026-10-23>gpt-5.6-luna @priority=x2
      gpt-4o 128000 16384 2.5 10 1.25 - tpjvf 2027-01-14>gpt-6-luna search=10 @priority=x1.7
      gpt-4o-2024-05-13 128000 4096 5 15 - - tpjvfc 2026-10-23>gpt-5.6-sol search=10 @priority=x1.75
      gpt-4o-audio-preview-2024-12-17 128000 16384 2.5 10 - - tpa 2027-01-20>gpt-audio-1.5 audio=40,80
      gpt-4o-audio-preview-2025-06-03 128000 16384 2.5 10 - - tpa 2027-01-20>gpt-audio-1.5 audio=40,80
      gpt-4o-mini 128000 16384 0.15 0.6 0.075 - tpjvf 2027-01-14>gpt-6-luna @priority=0.25,1,0.125
      gpt-4o-mini-audio-preview-2024-12-17 128000 16384 0.15 0.6 - - tpa 2027-01-20 audio=10,20
      gpt-5 400000 128000 1.25 10 0.125 - tpjvfr 2026-12-11>gpt-5.6-sol
      gpt-5-mini 400000 128000 0.25 2 0.025 - tpjvfr @priority=x1.8 2026-12-11>gpt-5.6-terra
      gpt-5-nano 400000 128000 0.05 0.4 0.005 - tpjvfr @priority=- 2026-12-11>gpt-5.6-luna
      gpt-5-pro 400000 272000 15 120 - - Rtpjvfrc @priority=- effort=high @flex=- 2026-12-11>gpt-5.6-sol
      gpt-5-search-api 400000 128000 1.25 10 0.125 - tpjvf
      gpt-5.1 400000 128000 1.25 10 0.125 - tpjvfr 2027-04-01>gpt-6-sol
      gpt-5.2 400000 128000 1.75 14 0.175 - tpjvfr
      gpt-5.2-pro 400000 128000 21 168 - - Rtpjvfrc @priority=- effort=medium,high,xhigh @flex=-
      gpt-5.3-codex 400000 128000 1.75 14 0.175 - Rtpjvfr 2027-04-01>gpt-6-sol
      gpt-5.4 1050000 128000 2.5 15 0.25 - tpjvfr >272000=x2,x1.5 @flex=x0.5,x0.5,0.13
      gpt-5.4-mini 400000 128000 0.75 4.5 0.075 - tpjvfr
      gpt-5.4-nano 400000 128000 0.2 1.25 0.02 - tpjvfr 2027-04-01>gpt-6-luna @priority=-
      gpt-5.4-pro 1050000 128000 30 180 - - Rtpvfrc @priority=- effort=medium,high,xhigh >272000=x2,x1.5
      gpt-5.5 1050000 128000 5 30 0.5 - tpjvfr @priority=x2.5 >272000=x2,x1.5
      gpt-5.5-cyber - - 12.5 75 1.25 - r
      gpt-5.5-cyber-preview - - 12.5 75 1.25 - r 2027-02-01
      gpt-5.5-pro 1050000 128000 30 180 - - Rtpvfrc @priority=- effort=medium,high,xhigh >272000=x2,x1.5
      gpt-5.6 1050000 128000 4 20 0.4 5 tpjvfr
      gpt-5.6-cyber 400000 128000 12.5 75 1.25 15.625 tpjvfr
      gpt-5.6-luna 1050000 128000 0.2 1.2 0.02 0.25 tpjvfr
      gpt-5.6-sol 1050000 128000 4 20 0.4 5 tpjvfr
      gpt-5.6-terra 1050000 128000 2 12 0.2 2.5 tpjvfr
      gpt-6-astra 1050000 128000 10 50 1 12.5 - effort=medium,low,high,xhigh,max
      gpt-6-cyber 1050000 128000 20 100 2 25
      gpt-6-luna 1050000 128000 0.1 0.5 0.01 0.125
      gpt-6-rosalind 1050000 128000 15 75 1.5 18.75 - effort=medium,low,high,xhigh,max
      gpt-6-sol 1050000 128000 2 10 0.2 2.5
      gpt-6.1-sol 1050000 128000 2 10 0.1 2.5 - effort=medium,low,high,xhigh,max
      gpt-6.1-terra 1050000 128000 1 5 0.05 1.25
      gpt-audio 128000 16384 2.5 10 - - tpa 2027-01-20>gpt-audio-1.5 audio=32,64
      gpt-audio-1.5 128000 16384 2.5 10 - - tpa audio=32,64
      gpt-audio-2025-08-28 128000 16384 2.5 10 - - tpa 2027-01-20>gpt-audio-1.5 audio=32,64
      gpt-audio-mini 128000 16384 0.6 2.4 - - tpa 2027-01-20>gpt-audio-1.5 audio=10,20
      gpt-audio-mini-2025-12-15 128000 16384 0.6 2.4 - - tpa 2027-01-20>gpt-audio-1.5 audio=10,20
      gpt-daybreak-blue-latest 1050000 128000 4 20 0.4 5 Rtpjvfr long=x2.5 >272000=x2,x1.5
      gpt-daybreak-red-latest 400000 128000 12.5 75 1.25 15.625 Rtpjvfr long=x2.5 >272000=x2,x1.5
      gpt-rosalind-discovery - - 5 25 0.5
      gpt-rosalind-research - - 5 25 0.5
      o1 200000 100000 15 60 7.5 - tjvfr 2026-10-23>gpt-5.6-sol
      o1-2024-12-17 200000 100000 15 60 7.5 - tpjvfr 2026-10-23>gpt-5.6-sol
      o1-pro 200000 100000 150 600 - - Rtpjvfrc 2026-10-23>gpt-5.6-sol
      o3 200000 100000 2 8 0.5 - tjvfr 2026-12-11>gpt-5.6-sol search=10 @flex=1,4,x0.5 @priority=x1.75,14
      o3-mini 200000 100000 1.1 4.4 0.55 - tjr!v 2026-10-23>gpt-5.6-sol
      o3-pro 200000 100000 20 80 - - Rtjvfrc 2026-12-11>gpt-5.6-sol search=10
      o4-mini 200000 100000 1.1 4.4 0.275 - tjvfr 2026-10-23>gpt-5.6-terra search=10 @flex=x0.5,x0.5,0.138 @priority=2,8,0.5
      text-embedding-3-large 8191 3072 0.13 - - - e
      text-embedding-3-small 8191 1536 0.02 - - - e
      text-embedding-ada-002 8191 1536 0.1 - - - e
      text-embedding-ada-002-v2 8191 - 0.1 - - - e
      """),
    ModelSection(
      "perplexity",
      """
      sonar* - - - - - - C
      perplexity/sonar 128000 8192 0.25 2.5 0.0625 - t search=2.5
      pplx-embed-context-v1-0.6b 32768 1024 0.008 - - - e
      pplx-embed-context-v1-4b 32768 2560 0.05 - - - e
      pplx-embed-v1-0.6b 32768 1024 0.004 - - - e
      pplx-embed-v1-4b 32768 2560 0.03 - - - e
      sonar 128000 - 1 1 - - - 2026-09-27>perplexity/sonar search=8 call=12
      sonar-deep-research 128000 - 2 8 - - r 2026-09-27>perplexity/sonar search=5
      sonar-pro 200000 8000 3 15 - - - 2026-09-27>perplexity/sonar search=10 call=14
      sonar-reasoning-pro 128000 - 2 8 - - r 2026-09-27>perplexity/sonar search=10 call=14
      """),
    ModelSection(
      "sambanova",
      """
      DeepSeek-R1 32768 32768 5 7
      DeepSeek-V3.1 131072 131072 3 4.5 - - tr
      DeepSeek-V3.2 32768 32768 3 4.5 - - t
      Llama-4-Maverick-17B-128E-Instruct 131072 131072 0.63 1.8 - - tjv
      Meta-Llama-3.3-70B-Instruct 131072 131072 0.6 1.2 - - tj
      MiniMax-M2.7 196608 131072 0.6 2.4 - - tr
      gemma-4-31B-it 131072 131072 0.38 1.15 - - v
      gpt-oss-120b 131072 131072 0.22 0.59 - - tr
      """),
    ModelSection(
      "tencent",
      """
      hy4-preview 960000 64000 0.834 2.501 0.042 - tjr
      """),
    ModelSection(
      "together",
      """
      BAAI/bge-base-en-v1.5 512 768 0.008 - - - e
      MiniMaxAI/MiniMax-M2.7 196608 131072 0.3 1.2 0.06 - tjr
      MiniMaxAI/MiniMax-M3 524288 - 0.3 1.2 0.06 - tpjvr 2026-11-06
      MiniMaxAI/MiniMax-M3.1-Flash 1048576 1048576 0.15 0.6 0.015
      Prism-ML/Ternary-Bonsai-27B 262144 - 0 0
      Qwen/Qwen2-1.5B-Instruct 32768 - 0.02 0.02
      Qwen/Qwen2.5-14B-Instruct 32768 - 0.8 0.8
      Qwen/Qwen2.5-72B-Instruct 32768 - 1.2 1.2
      Qwen/Qwen2.5-7B-Instruct-Turbo 32768 - 0.3 0.3 - - tpj
      Qwen/Qwen3.5-9B 262144 - 0.17 0.25 - - tpjvr
      Qwen/Qwen3.6-Plus 1000000 - 0.5 3 - - tr
      Qwen/Qwen3.7-Max 1000000 - 2.5 7.5 0.5 - t
      Qwen/Qwen3.7-Plus 1000000 - 0.32 1.28
      Qwen/Qwen3.8-2.4T-A95B 1010000 - 2 6 0.25 - - 2026-11-04
      Qwen/Qwen3.8-Flash 1000000 - 0.15 0.47
      arcee-ai/trinity-mini 128000 - 0.045 0.15
      arize-ai/qwen-2-1.5b-instruct 32768 - 0.1 0.1
      deepseek-ai/DeepSeek-R1-0528 163840 - 3 7
      deepseek-ai/DeepSeek-V3 65536 8192 1.25 1.25 - - tpj
      deepseek-ai/DeepSeek-V4-Flash-0731 1048576 - 0.14 0.28 0.03 - tpjr 2026-10-22
      deepseek-ai/DeepSeek-V4-Pro-0813 1048576 - 1.32 3.96 0.13 - tpjr
      deepseek-ai/DeepSeek-V4.1-Flash 1048576 - 0.3 1.2 0.006 - tj
      deepseek-ai/DeepSeek-V4.1-Flash-1017 1048576 - 0.3 1.2 0.006 - tjvr
      meta-llama/Llama-3.1-405B-Instruct 4096 - 3.5 3.5
      meta-llama/Llama-3.2-1B-Instruct 131072 - 0.06 0.06
      meta-llama/Llama-3.2-3B-Instruct 131072 - 0.06 0.06
      meta-llama/Llama-3.3-70B-Instruct-Turbo 131072 131072 1.04 1.04 - - tpj 2026-10-22
      meta-llama/Meta-Llama-3-8B-Instruct-Lite 8192 8192
      meta-models/Muse-Glimmer-30B 131072 - 0.35 1.5 0.04
      meta-models/Muse-Spark-Open-816B-A42B 1048576 - 1.25 4.25 0.15 - tj
      mistralai/Ministral-3-14B-Instruct-2512 262144 - 0.2 0.2
      mistralai/Mistral-7B-Instruct-v0.3 32768 - 0.2 0.2
      moonshotai/Kimi-K2-Instruct - - 1 3 - - tpj
      moonshotai/Kimi-K2.5-fp4 262144 - 0.5 2.8
      moonshotai/Kimi-K3 1048576 - 3 15 0.3 - tpjvr
      moonshotai/Kimi-K3.1-Pro 1048576 1048576 2 10 0.2 - tpjvr
      nvidia/NVIDIA-Nemotron-3.5-Super-VL 262144 - 0.15 0.5 0.02 - tpjvr
      openai/gpt-oss-120b 131072 131072 0.15 0.6 - - tpjr
      reflection/Beam-1.0-501B-A23B 1048576 - 0.4 1.2 0.04 - tj
      ricursive-ai/Ripple-65B-Preview 131072 131072 0.2 0.6 0.02
      thinkingmachines/Inkling 524288 - 1 4.05 0.17 - tpjvar 2026-11-06
      together-ai-21.1b-41b - - 0.8 0.8
      together-ai-4.1b-8b - - 0.2 0.2
      together-ai-41.1b-80b - - 0.9 0.9
      together-ai-8.1b-21b 1000 1000 0.3 0.3
      together-ai-81.1b-110b - - 1.8 1.8
      together-ai-embedding-151m-to-350m - - 0.016 - - - e
      together-ai-embedding-up-to-150m - - 0.008 - - - e
      together-ai-up-to-4b - - 0.1 0.1
      together/Tev1-4B-experimental 32768 - 0.042 0
      togethercomputer/CodeLlama-34b-Instruct - - - - - - tp
      zai-org/GLM-4.6 202752 - 0.6 2.2 - - tpr
      zai-org/GLM-5.2 1048575 128000 1.4 4.4 0.26 - tpjr
      zai-org/GLM-5.3 1048575 128000 1.4 4.4 0.26 - tpjr
      zai-org/GLM-5.3-Flash 1048575 128000 0.15 0.5 0.03 - tpjvr
      """),
    ModelSection(
      "vertex",
      """
      gemini-* - - - - - - - @batch=x0.5 @flex=x0.5 @priority=x1.8 search=14
      gemini-2.5* - - - - - - - search=35
      gemini-3.5-flash-lite* - - - - - - - no=temperature,top_p,top_k,penalties,prefill
      gemini-3.6* - - - - - - - no=temperature,top_p,top_k,penalties,prefill
      gemini-3.7* - - - - - - - no=temperature,top_p,top_k,penalties,prefill
      gemini-3.8* - - - - - - - no=temperature,top_p,top_k,penalties,prefill
      gemini-3-flash-preview 1048576 65535 0.5 3 0.05 - tpjvafr audio=1
      gemini-3-pro-preview 1048576 65535 2 12 0.2 - tjvafr
      gemini-3.5-flash 1048576 65535 1.5 9 0.15 - tpjvafr 2027-05-19 audio=1.5
      gemini-3.6-flash 1048576 65536 0.75 3.75 0.075 - tpjvafr 2026-11-19
      gemini-3.7-flash 1048576 65536 0.75 3.75 0.075 - tpjvafr 2027-01-28
      gemini-3.8-flash-cyber 1048576 65536 1.5 7.5 0.15 - jvafr
      gemini-4-argon-cyber-permissive 1048576 1048576 4 20 0.2 - tpjvafr
      gemini-omni-1.1-flash-preview - 57920 1.5 9 - - vr
      gemma-4-26b-a4b-it - - 0.15 0.6 0.015
      text-embedding-005 2048 768 0.1 - - - e 2027-04-01
      text-multilingual-embedding-002 2048 768 0.1 - - - e 2027-04-01
      """),
    ModelSection(
      "vertex-openai",
      """
      xai/grok-4.1-fast-non-reasoning 128000 128000 0.2 0.5 0.05 - tjv
      xai/grok-4.1-fast-reasoning 128000 128000 0.2 0.5 0.05 - tjvr
      xai/grok-4.20-non-reasoning 2000000 2000000 1.25 2.5 0.2 - tjv
      xai/grok-4.20-reasoning 2000000 2000000 1.25 2.5 0.2 - tjvr
      xai/grok-4.3 200000 200000 1.25 2.5 0.2 - tjvr
      xai/grok-4.6 524288 524288 2 6 0.5 - tjvr
      xai/grok-4.7 524288 524288 2 6 0.5 - tjvr
      """),
    ModelSection(
      "voyage",
      """
      rerank-2.5 32000 - 0.05 - - - k
      rerank-2.5-lite 32000 - 0.02 - - - k
      rerank-3 32000 - 0.05 - - - k
      rerank-3-lite 32000 - 0.02 - - - k
      voyage-2 4000 - 0.1 - - - e
      voyage-3 32000 - 0.06 - - - e
      voyage-3-large 32000 - 0.18 - - - e
      voyage-3-lite 32000 - 0.02 - - - e
      voyage-3.5 32000 - 0.06 - - - e
      voyage-3.5-lite 32000 - 0.02 - - - e
      voyage-4 32000 1024 0.06 - - - e
      voyage-4-large 32000 1024 0.12 - - - e
      voyage-4-lite 32000 1024 0.02 - - - e
      voyage-code-2 16000 - 0.12 - - - e
      voyage-code-3 32000 - 0.18 - - - e
      voyage-code-4 32000 1024 0.12 - - - e
      voyage-context-3 120000 - 0.18 - - - e
      voyage-context-4 120000 1024 0.12 - - - e
      voyage-finance-2 32000 - 0.12 - - - e
      voyage-large-2 16000 - 0.12 - - - e
      voyage-large-2-instruct 16000 1024 0.12 - - - e
      voyage-law-2 16000 - 0.12 - - - e
      voyage-lite-01 4096 - 0.1 - - - e
      voyage-lite-02-instruct 4000 - 0.1 - - - e
      voyage-multilingual-2 32000 1024 0.12 - - - e
      voyage-multimodal-3 32000 - 0.12 - - - e
      voyage-multimodal-3.5 32000 1024 0.12 - - - e
      """),
    ModelSection(
      "xai",
      """
      grok-* - - - - - - - >199999=x2
      grok-4.20 1000000 1000000 1.25 2.5 0.2 - tjvr
      grok-4.20-0309-non-reasoning 1000000 1000000 1.25 2.5 0.2 - tjvf
      grok-4.20-0309-reasoning 1000000 1000000 1.25 2.5 0.2 - tjvfr
      grok-4.20-beta 1000000 1000000 1.25 2.5 0.2 - tjvr
      grok-4.20-beta-0309-non-reasoning 1000000 1000000 1.25 2.5 0.2 - tjv
      grok-4.20-beta-0309-reasoning 1000000 1000000 1.25 2.5 0.2 - tjvr
      grok-4.20-beta-latest-non-reasoning 1000000 1000000 1.25 2.5 0.2 - tjv
      grok-4.20-beta-latest-reasoning 1000000 1000000 1.25 2.5 0.2 - tjvr
      grok-4.20-beta-non-reasoning 1000000 1000000 1.25 2.5 0.2 - tjv
      grok-4.20-beta-reasoning 1000000 1000000 1.25 2.5 0.2 - tjvr
      grok-4.20-experimental-beta-0304 1000000 1000000 1.25 2.5 0.2 - tjvr
      grok-4.20-experimental-beta-0304-non-reasoning 1000000 1000000 1.25 2.5 0.2 - tjv
      grok-4.20-experimental-beta-0304-reasoning 1000000 1000000 1.25 2.5 0.2 - tjvr
      grok-4.20-experimental-beta-latest 1000000 1000000 1.25 2.5 0.2 - tjvr
      grok-4.20-experimental-beta-non-reasoning-latest 1000000 1000000 1.25 2.5 0.2 - tjv
      grok-4.20-experimental-beta-reasoning-latest 1000000 1000000 1.25 2.5 0.2 - tjvr
      grok-4.20-multi-agent 1000000 1000000 1.25 2.5 0.2 - Rjvr
      grok-4.20-multi-agent-beta-0309 1000000 1000000 1.25 2.5 0.2 - Rtjvr
      grok-4.20-multi-agent-beta-latest 1000000 1000000 1.25 2.5 0.2 - Rjvr
      grok-4.20-multi-agent-experimental-beta-0304 1000000 1000000 1.25 2.5 0.2 - Rjvr
      grok-4.20-multi-agent-experimental-beta-latest 1000000 1000000 1.25 2.5 0.2 - Rjvr
      grok-4.20-non-reasoning 1000000 1000000 1.25 2.5 0.2 - tjv
      grok-4.20-non-reasoning-gv2 1000000 1000000 1.25 2.5 0.2 - tjv
      grok-4.20-reasoning 1000000 1000000 1.25 2.5 0.2 - tjvr
      grok-4.20-reasoning-gv2 1000000 1000000 1.25 2.5 0.2 - tjvr
      grok-4.3 1000000 1000000 1.25 2.5 0.2 - tjvfr
      grok-4.5 500000 500000 2 6 0.3 - tjvfr
      grok-4.6 500000 500000 2 6 0.5 - tjvfr
      grok-4.7 500000 500000 2 6 0.5 - tjvr
      grok-build-0.1 256000 256000 1 2 0.2 - tjvfr
      grok-build-latest 500000 500000 2 6 0.3 - tjvr
      grok-code-fast 256000 256000 1 2 0.2 - tjvr
      """),
    ModelSection(
      "zai",
      """
      glm-4-32b-0414-128k 128000 32000 0.1 0.1 - - t
      glm-4.5 128000 32000 0.6 2.2 0.11 - tr
      glm-4.5-air 128000 32000 0.2 1.1 0.03 - tr
      glm-4.5-airx 128000 32000 1.1 4.5 0.22 - t
      glm-4.5-flash 128000 32000 0 0 - - tr
      glm-4.5-x 128000 32000 2.2 8.9 0.45 - t
      glm-4.5v 128000 32000 0.6 1.8 0.11 - tvr
      glm-4.6 200000 128000 0.6 2.2 0.11 - tr
      glm-4.6v 128000 32768 0.3 0.9 0.05 - tvr
      glm-4.7 200000 128000 0.6 2.2 0.11 - tr
      glm-4.7-flash 200000 128000 0 0 0 - trc
      glm-4.7-flashx 200000 131072 0.07 0.4 0.01 - tr
      glm-5 200000 128000 1 3.2 0.2 - tr
      glm-5-code 200000 128000 1.2 5 0.3 - tr
      glm-5.1 200000 128000 1.4 4.4 0.26 - tjr
      glm-5.2 1000000 128000 1.4 4.4 0.26 - tjr
      glm-5.3 1000000 128000 1.4 4.4 0.26 - tjr
      glm-5.3-flash 1048576 128000 0.15 0.5 0.03 - tjvr
      glm-5.3-flashx - - 0.37 1.25 0.075
      glm-5.3-flashx-legal - - 0.37 1.25 0.075
      glm-5v-turbo 200000 128000 1.2 4 0.24 - tvfr
      """),
  ]

  /// Providers that serve another's models under the same ids, where they have no row of their own for one.
  static let relatives: [(provider: StaticText, other: StaticText, samePrices: Bool)] = [
    ("alibaba-cn", "alibaba", false), ("anthropic-aws", "anthropic", true),
    ("azure", "openai", true), ("azure-ai", "openai", true), ("azure-anthropic", "anthropic", true),
    ("bedrock-mantle", "bedrock", true), ("codestral", "mistral", false),
    ("minimax-cn", "minimax", false), ("moonshot-cn", "moonshot", false), ("ollama-cloud", "ollama", true),
    ("tencent-intl", "tencent", true),
    ("vertex", "gemini", true), ("vertex-anthropic", "anthropic", true), ("zai-coding", "zai", false),
    ("zhipu", "zai", false),
  ]
}
