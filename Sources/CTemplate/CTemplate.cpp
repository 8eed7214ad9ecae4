#include "CTemplate.h"

#include <ctemplate/template.h>
#include <ctemplate/template_cache.h>
#include <ctemplate/template_dictionary.h>

#include <string>
#include <unordered_map>

using ctemplate::TemplateCache;
using ctemplate::TemplateDictionary;
using ctemplate::TemplateString;

namespace {

// Blank lines of the files are not sent.
constexpr ctemplate::Strip strip = ctemplate::STRIP_BLANK_LINES;

TemplateCache *from(ctemplate_cache *cache) { return reinterpret_cast<TemplateCache *>(cache); }
const TemplateCache *from(const ctemplate_cache *cache) { return reinterpret_cast<const TemplateCache *>(cache); }
TemplateDictionary *from(ctemplate_dictionary *dictionary) {
    return reinterpret_cast<TemplateDictionary *>(dictionary);
}
ctemplate_dictionary *wrap(TemplateDictionary *dictionary) {
    return reinterpret_cast<ctemplate_dictionary *>(dictionary);
}

// The name of a variable or section with its hash: ctemplate would compute that
// at each use and look it up in a table that all threads share. Names are
// literals of the program, so the address of one stands for its text.
TemplateString interned(const char *name, size_t length) {
    thread_local std::unordered_map<const char *, ctemplate::StaticTemplateString> known;
    const auto [place, is_new] = known.try_emplace(name);
    ctemplate::StaticTemplateString &text = place->second;
    if (is_new) {
        text.do_not_use_directly_ = {name, length, 0};
        ctemplate::StaticTemplateStringInitializer computes_the_hash(&text);
    }
    return TemplateString(text);
}

}  // namespace

ctemplate_cache *ctemplate_cache_create(void) { return reinterpret_cast<ctemplate_cache *>(new TemplateCache()); }

void ctemplate_cache_destroy(ctemplate_cache *cache) { delete from(cache); }

bool ctemplate_cache_add(ctemplate_cache *cache, const char *name, const char *text, size_t text_length) {
    return from(cache)->StringToTemplateCache(name, TemplateString(text, text_length), strip);
}

void ctemplate_cache_freeze(ctemplate_cache *cache) { from(cache)->Freeze(); }

ctemplate_dictionary *ctemplate_dictionary_create(void) { return wrap(new TemplateDictionary("page")); }

void ctemplate_dictionary_destroy(ctemplate_dictionary *root) { delete from(root); }

void ctemplate_dictionary_set(ctemplate_dictionary *dictionary, const char *name, size_t name_length,
                              const char *value, size_t value_length) {
    from(dictionary)->SetValue(interned(name, name_length), TemplateString(value, value_length));
}

ctemplate_dictionary *ctemplate_dictionary_add_section(ctemplate_dictionary *dictionary, const char *name,
                                                       size_t name_length) {
    return wrap(from(dictionary)->AddSectionDictionary(interned(name, name_length)));
}

void ctemplate_dictionary_show_section(ctemplate_dictionary *dictionary, const char *name, size_t name_length) {
    from(dictionary)->ShowSection(interned(name, name_length));
}

bool ctemplate_expand(const ctemplate_cache *cache, const char *file, const ctemplate_dictionary *dictionary,
                      ctemplate_receiver receive, void *context) {
    // One buffer for each thread: it keeps its capacity from page to page.
    thread_local std::string text;
    text.clear();
    const bool expanded = from(cache)->ExpandNoLoad(
        file, strip, reinterpret_cast<const TemplateDictionary *>(dictionary), nullptr, &text);
    if (expanded) receive(context, text.data(), text.size());
    return expanded;
}
