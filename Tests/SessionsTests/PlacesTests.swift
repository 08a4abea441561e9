import Sessions
import Testing

struct PlacesTests {
  @Test func `the XDG variables are followed`() {
    let places = Places(
      environment: [
        "XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d/", "XDG_STATE_HOME": "/s",
      ], home: "/home/me")
    #expect(places.configFile == "/c/fathom/config.toml")
    #expect(places.themesFolder == "/c/fathom/themes")
    #expect(places.sessionsFile == "/d/fathom/sessions.sqlite")
    #expect(places.modelsFolder == "/d/fathom/models")
    #expect(places.historyFile == "/s/fathom/history.jsonl")
    #expect(places.logFile == "/s/fathom/fathom.log")
  }

  @Test(arguments: [[:], ["XDG_DATA_HOME": ""], ["XDG_DATA_HOME": "relative/path"]])
  func `unset, empty and relative variables count as unset`(environment: [String: String]) {
    let places = Places(environment: environment, home: "/home/me")
    #expect(places.config == "/home/me/.config/fathom")
    #expect(places.data == "/home/me/.local/share/fathom")
    #expect(places.state == "/home/me/.local/state/fathom")
  }
}
