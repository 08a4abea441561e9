import Models
import Testing

struct PlacesTests {
  @Test func `the XDG variables are followed`() {
    let places = Places(environment: [
      "HOME": "/home/me", "XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d/", "XDG_STATE_HOME": "/s",
    ])
    #expect(places.themesFolder == "/c/fathom/themes")
    #expect(places.sessionsFile == "/d/fathom/sessions.sqlite")
    #expect(places.modelsFolder == "/d/fathom/models")
    #expect(places.pruningFolder == "/d/fathom/pruning")
    #expect(places.guessesFolder == "/d/fathom/guesses")
    #expect(places.historyFile == "/s/fathom/history.jsonl")
    #expect(places.tuneFolder == "/s/fathom/tune")
  }

  @Test(arguments: ["", "relative/path", nil])
  func `unset, empty and relative variables count as unset`(value: String?) {
    var environment = ["HOME": "/home/me"]
    for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"] {
      environment[name] = value
    }
    let places = Places(environment: environment)
    #expect(places.config == "/home/me/.config/fathom")
    #expect(places.data == "/home/me/.local/share/fathom")
    #expect(places.state == "/home/me/.local/state/fathom")
  }

  @Test func `without HOME the system names the home folder`() {
    #expect(Places(environment: [:]).config.hasSuffix("/.config/fathom"))
    #expect(Places(environment: [:]).config.hasPrefix("/"))
  }
}
